"""Reads the text of an XPath 1.0 expression with ODK's additions into its syntax tree."""

from __future__ import annotations

from casebook.errors import FormBroken
from casebook.forms.expressions.syntax import (
    Binary,
    Call,
    Expr,
    Filter,
    Literal,
    Negation,
    Number,
    Path,
    Step,
)
from casebook.forms.expressions.tokens import Token, tokenize

_NODE_TESTS = ("node", "text", "comment", "processing-instruction")
_ANYWHERE = Step("descendant-or-self", "node()")
_MOST_NESTED = 60
_LEVELS = (
    (Token("word", "or"),),
    (Token("word", "and"),),
    (Token("operator", "="), Token("operator", "!=")),
    (Token("operator", "<"), Token("operator", ">"), Token("operator", "<="), Token("operator", ">=")),
    (Token("operator", "+"), Token("operator", "-")),
    (Token("word", "*"), Token("word", "div"), Token("word", "mod")),
)
#: how strongly an operator binds; 1 is the weakest
_STRENGTH = {token: level for level, tokens in enumerate(_LEVELS, 1) for token in tokens}


def parse(source: str) -> Expr:
    """The syntax tree of `source`. Raises FormBroken."""
    return _Parser(source).parse()


class _Parser:
    """Precedence climbing over the operators, one method for each other part of the XPath 1.0 grammar."""

    def __init__(self, source: str) -> None:
        self._source = source
        tokens = tokenize(source)
        self._tokens = [*tokens, tokens[-1]]  # one more end, to look ahead at
        self._at = 0
        self._depth = 0

    def parse(self) -> Expr:
        expr = self._expression()
        if self._peek().kind != "end":
            raise self._broken()
        return expr

    def _peek(self, ahead: int = 0) -> Token:
        return self._tokens[self._at + ahead]

    def _next(self) -> Token:
        token = self._tokens[self._at]
        if token.kind != "end":
            self._at += 1
        return token

    def _accept(self, text: str) -> bool:
        kind, found = self._tokens[self._at]
        if found == text and kind == "operator":
            self._at += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            raise FormBroken(reason="expected", source=self._source, wanted=text, found=self._peek().text)

    def _broken(self) -> FormBroken:
        return FormBroken(reason="unexpected", source=self._source, found=self._peek().text)

    def _expression(self, weakest: int = 1) -> Expr:
        """Operands joined by operators that bind at least as strongly as `weakest`."""
        expr = self._signed()
        while (strength := _STRENGTH.get(self._peek(), 0)) >= weakest:
            expr = Binary(self._next().text, expr, self._expression(strength + 1))
        return expr

    def _inner(self) -> Expr:
        """An expression inside brackets."""
        self._depth += 1
        if self._depth > _MOST_NESTED:
            raise FormBroken(reason="nested", source=self._source, most=_MOST_NESTED)
        expr = self._expression()
        self._depth -= 1
        return expr

    def _signed(self) -> Expr:
        signs = 0
        while self._accept("-"):
            signs += 1
        expr = self._path()
        while self._accept("|"):
            expr = Binary("|", expr, self._path())
        if signs == 0:
            return expr
        return Negation(expr) if signs % 2 else Negation(Negation(expr))

    def _path(self) -> Expr:
        token, following = self._peek(), self._peek(1)
        if token.kind == "number":
            self._next()
            return Number(float(token.text))
        if token.kind == "path":
            self._next()
            return Path(True, tuple(Step("child", name) for name in token.text[1:].split("/")))
        base = self._base(token, following)
        if base is not None:
            predicates = self._predicates()
            steps = self._steps(False) if self._peek().text in ("/", "//") else ()
            return Filter(base, predicates, steps) if predicates or steps else base
        if token.kind == "operator" and token.text in ("/", "//"):
            if token.text == "/" and not _starts_step(following):
                self._next()
                return Path(True, ())
            return Path(True, self._steps(False))
        if _starts_step(token):
            return Path(False, self._steps(True))
        raise self._broken()

    def _base(self, token: Token, following: Token) -> Expr | None:
        """A literal, a bracketed expression or a call: what a filter can start with."""
        if token.kind == "text":
            self._next()
            return Literal(token.text[1:-1])
        if self._accept("("):
            expr = self._inner()
            self._expect(")")
            return expr
        called = token.kind in ("name", "word") and following == Token("operator", "(")
        if called and token.text not in _NODE_TESTS:
            self._at += 2
            return Call(token.text, self._arguments())
        return None

    def _arguments(self) -> tuple[Expr, ...]:
        if self._accept(")"):
            return ()
        found = [self._inner()]
        while self._accept(","):
            found.append(self._inner())
        self._expect(")")
        return tuple(found)

    def _steps(self, starts_with_step: bool) -> tuple[Step, ...]:
        found = [self._step()] if starts_with_step else []
        while True:
            if self._accept("//"):
                found += [_ANYWHERE, self._step()]
            elif self._accept("/"):
                found.append(self._step())
            else:
                return tuple(found)

    def _step(self) -> Step:
        token = self._next()
        if token.kind == "self":
            return Step("self", "node()", self._predicates())
        if token.kind == "parent":
            return Step("parent", "node()", self._predicates())
        axis = "child"
        if token == Token("operator", "@"):
            axis, token = "attribute", self._next()
        elif self._peek() == Token("operator", "::"):
            axis = token.text
            self._next()
            token = self._next()
        return Step(axis, self._test(token), self._predicates())

    def _test(self, token: Token) -> str:
        if token.kind == "star":
            return "*"
        if token.kind not in ("name", "word"):
            raise FormBroken(reason="step", source=self._source, found=token.text)
        if token.text in _NODE_TESTS and self._accept("("):
            if self._peek().kind == "text":
                self._next()
            self._expect(")")
            return f"{token.text}()"
        return token.text

    def _predicates(self) -> tuple[Expr, ...]:
        found = []
        while self._accept("["):
            found.append(self._inner())
            self._expect("]")
        return tuple(found)


def _starts_step(token: Token) -> bool:
    return token.kind in ("name", "self", "parent", "star", "word") or token == Token("operator", "@")
