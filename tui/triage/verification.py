"""Runs of Triage: probes that ask before they send what can be felt, and verifying until green."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from diagnostics.engine.scheduler import Task
from tui.dialogs.menus import consent
from tui.triage.view import TriageView

if TYPE_CHECKING:
    from textual.timer import Timer


class Verifying(TriageView):
    """Its state is the entry that is verified, and the pause before the next try."""

    def __init__(self) -> None:
        super().__init__()
        self._again: Timer | None = None
        self._active = False
        """Whether what is verified needs active probes, and a person has let them run."""

    def ask(
        self,
        held: Sequence[Task],
        yes: Callable[[], object],
        no: Callable[[], object] = lambda: None,
        how_often: str = "once",
    ) -> None:
        """Say what active probes send, and go on as is answered."""
        question = consent(held, self.state, how_often)

        def answered(answer: str | None) -> None:
            (yes if answer else no)()

        self.app.push_screen(question, answered)

    def run_probes(self, probes: Iterable[str], *, active: bool = False) -> None:
        """Run probes with what they need."""
        wanted = self.state.catalogue.with_needs(list(probes))
        examination = self.state.examination(wanted, self.case.matches, active=active)
        self.case.begin(examination, afresh=bool(self.verifying))
        self.runner.start(examination, self.state.record)
        self.repaint()

    def verify(self) -> None:
        """Run the probes of the highlighted entry until they are green; active ones only after a question."""
        entry, held = self.candidate, self.case.deciding(self.candidate)
        if held:
            how_often = f"every {self.state.pause_s:g} s until it is green"
            self.ask(held, lambda: self._verify(entry, active=True), how_often=how_often)
        else:
            self._verify(entry, active=False)

    def _verify(self, entry: str, *, active: bool) -> None:
        self.verifying, self._active = entry, active
        self.zoomed(None)
        self.try_again()

    def try_again(self) -> None:
        """The next try at once, where something is verified."""
        if self._again:
            self._again.stop()
        if self.verifying:
            probes = self.state.catalogue.probes_of(self.case.entry(self.verifying))
            self.run_probes(probes, active=self._active)

    def stop_verifying(self) -> None:
        """Try no more."""
        self.verifying = ""
        if self._again:
            self._again.stop()

    def ended(self) -> None:
        """A run is over: keep its report, and say whether what is verified is green."""
        report = self.case.finished()
        if report:
            self.state.ended(report)
        if not self.verifying:
            return
        if self.case.green(self.verifying):
            said = f"verified: {self.verifying} is green"
            self.state.said.append(said)
            self.say(f"{said}; E writes the report", "good")
            self.verifying = ""
            self.app.bell()
        else:
            answer = "not green" if self.case.failing(self.verifying) else "no answer"
            pause = f"again in {self.state.pause_s:g} s, x cancels"
            self.say(f"{answer} yet: {self.verifying}; {pause}", "warn")
            self._again = self.set_timer(self.state.pause_s, self.try_again)
