"""Rules for calls that move money, and for their repetition."""

import ast
import re
from collections.abc import Iterator, Sequence

from diagnostics.clients.source.module import Module
from diagnostics.clients.source.rules.asynchronous import REQUESTS
from diagnostics.clients.source.tree import Loop, calls_in, caught, keywords, last_name

MONEY = re.compile(
    r"^(?:\w+_)?(?:amount|price|total_price|subtotal|grand_total|balance|tax_amount|unit_price|payout|refund)(?:_(?:due|paid|net|gross|total|eur|usd))?$",
    re.IGNORECASE,
)
PAYMENTS = re.compile(
    rb"stripe|paypal|braintree|adyen|mollie|checkout|invoice|payment|currency", re.IGNORECASE
)
TRADING = re.compile(rb"leverage|stake_|ccxt|candle|ticker", re.IGNORECASE)
"""Words of programs that trade: exchanges give quantities as floats."""
QUANTITY = re.compile(r"quantity|in stock|weight|count\b|hours|percent", re.IGNORECASE)
"""Words in the description of a column by which its `amount` is not one of money."""
PAYMENT_SDKS = ("stripe", "adyen", "mollie", "square", "braintree", "razorpay")
CHARGES = frozenset(
    {
        "PaymentIntent",
        "Charge",
        "Refund",
        "Transfer",
        "Payout",
        "payment_intents",
        "charges",
        "refunds",
        "transfers",
        "payouts",
    }
)
"""Objects of payment libraries whose creation moves money."""
IDEMPOTENCY = frozenset({"idempotency_key", "idempotencyKey", "options", "**"})
NETWORK_ERRORS = re.compile(
    r"^(?:Request(?:s?Exception|Error)|ConnectionError|Timeout\w*|HTTPError|ConnectTimeout|ReadTimeout|ClientError|ClientConnectorError|TransportError|URLError|OperationalError|InterfaceError|Exception)$"
)
WAITS = re.compile(r"sleep|wait|backoff|delay", re.IGNORECASE)


def money_as_float(module: Module) -> Iterator[ast.AST]:
    """Yield columns that hold money as float, which cannot hold every cent."""
    if not PAYMENTS.search(module.source) or TRADING.search(module.source):
        return
    for assign in module.all(ast.Assign):
        if _is_float_money(module, assign, assign.targets, assign.value):
            yield assign
    for annotated in module.all(ast.AnnAssign):
        if _is_float_money(module, annotated, [annotated.target], annotated.value):
            yield annotated


def _is_float_money(
    module: Module, assign: ast.stmt, targets: Sequence[ast.expr], value: ast.expr | None
) -> bool:
    in_class = isinstance(module.parent(assign), ast.ClassDef)
    named = any(MONEY.search(last_name(target)) for target in targets)
    return in_class and named and _is_float_column(value)


def no_idempotency_key(module: Module) -> Iterator[ast.AST]:
    """Yield calls that move money without an idempotency key: sent again, they move it twice."""
    if not module.imports_any(*PAYMENT_SDKS):
        return
    for call in module.calls("create", "create_async"):
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        if owner is None or last_name(owner) not in CHARGES:
            continue
        name = module.name_of(call.func)
        of_sdk = name.startswith(PAYMENT_SDKS) or last_name(owner).islower()
        keyless = keywords(call).isdisjoint(IDEMPOTENCY) and "idempotency" not in ast.dump(call)
        if of_sdk and keyless:
            yield call


def retry_no_backoff(module: Module) -> Iterator[ast.AST]:
    """Yield loops that send a failed request again at once: an overloaded server is hit harder."""
    for handler in module.all(ast.ExceptHandler):
        names = [name.rpartition(".")[2] for name in caught(module, handler)]
        loops = module.loops_of(handler)
        if not loops or not any(NETWORK_ERRORS.match(name) for name in names) or not _goes_on(handler):
            continue
        block = module.parent(handler)
        if not isinstance(block, ast.Try) or not _is_attempts(loops[0]) or not _sends(module, block):
            continue
        if not any(WAITS.search(last_name(call.func)) for call in calls_in([loops[0]])):
            yield handler


def _is_attempts(loop: Loop) -> bool:
    """Return True for a loop that counts attempts."""
    if isinstance(loop, ast.While):
        return not isinstance(loop.test, ast.Constant) and bool(
            re.search(r"retr|attempt|tries", ast.unparse(loop.test), re.IGNORECASE)
        )
    counted = isinstance(loop.iter, ast.Call) and last_name(loop.iter.func) == "range"
    return counted and bool(
        re.search(
            r"^_|retr|attempt|tries|try", ast.unparse(loop.target) + ast.unparse(loop.iter), re.IGNORECASE
        )
    )


def _goes_on(handler: ast.ExceptHandler) -> bool:
    return not isinstance(handler.body[-1], ast.Raise | ast.Return | ast.Break)


def _sends(module: Module, block: ast.Try) -> bool:
    """Return True if the block sends a request or a statement."""
    for call in calls_in(block.body):
        package, _, function = module.name_of(call.func).rpartition(".")
        if package in {"requests", "httpx"} and function in REQUESTS:
            return True
        maker = module.maker_of(call.func.value) if isinstance(call.func, ast.Attribute) else ""
        if maker.startswith(("requests.", "httpx.", "aiohttp.", "psycopg", "asyncpg.", "boto3.")):
            return True
        if last_name(call.func) in {"urlopen", "connect"}:
            return True
    return False


def _is_float_column(value: ast.expr | None) -> bool:
    """Return True for a column of floats: Django's FloatField, SQLAlchemy's Float."""
    if not isinstance(value, ast.Call) or QUANTITY.search(ast.unparse(value)):
        return False
    if last_name(value.func) == "FloatField":
        return True
    columns = {"Column", "mapped_column", "column"}
    return last_name(value.func) in columns and any(
        last_name(argument.func if isinstance(argument, ast.Call) else argument)
        in {"Float", "REAL", "DOUBLE"}
        for argument in value.args
    )
