"""XPath 1.0 with ODK's additions: read, compile to closures, evaluate against any tree. No I/O, no clock."""

from __future__ import annotations

from casebook.forms.expressions import (  # noqa: F401  (each enters its functions into the registry)
    choice_functions,
    date_functions,
    geo_functions,
    node_functions,
    number_functions,
    text_functions,
)
from casebook.forms.expressions.compiler import Expression, compile_expression
from casebook.forms.expressions.context import Context, Host
from casebook.forms.expressions.parser import parse
from casebook.forms.expressions.registry import FUNCTIONS

__all__ = ["FUNCTIONS", "Context", "Expression", "Host", "compile_expression", "parse"]
