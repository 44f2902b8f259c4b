"""Type of URLs in the target file: a text, or a reference to an environment variable."""

from collections.abc import Callable
from typing import Annotated, Any, TypeAlias


class EnvironmentUrl:
    """Marker of a URL that `{ env = "NAME" }` may replace; such a reference is resolved before validation."""

    def __get_pydantic_json_schema__(
        self, core_schema: Any, handler: Callable[[Any], dict[str, Any]]
    ) -> dict[str, Any]:
        """Return the JSON Schema of both forms."""
        reference = {
            "type": "object",
            "properties": {"env": {"type": "string"}},
            "required": ["env"],
            "additionalProperties": False,
        }
        return {"anyOf": [handler(core_schema), reference]}


Url: TypeAlias = Annotated[str, EnvironmentUrl()]
