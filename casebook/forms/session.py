"""A form being filled in: asks questions, takes answers, says what changed and what is still open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casebook.errors import AnswerInvalid, TextTooLong, TooManyInstances
from casebook.forms import events, growth
from casebook.forms.casting import typed_text
from casebook.forms.changes import Changes, changes_of
from casebook.forms.checks import finding_of
from casebook.forms.choices import follow, offered_of
from casebook.forms.definition import FormDef
from casebook.forms.draft import draft_of, reopen
from casebook.forms.entities import EntityOp, entity_ops
from casebook.forms.environment import Env, present
from casebook.forms.instance import Instance
from casebook.forms.layout import PagePlan, laid_out, page_refs, placed_on, plan_pages
from casebook.forms.lists import ListSource
from casebook.forms.nodes import Node
from casebook.forms.questions import Page, Problem, Question, Repeat, heading, question_at, repeat_at
from casebook.forms.references import at_ref, named, times_without
from casebook.forms.serialise import instance_xml, sent_ref
from casebook.forms.tapping import tapped
from casebook.forms.texts import label_of, rendered
from casebook.forms.words import answer_in_words
from casebook.wording import Wording

#: nobody types this much: refused at the door so that a paste cannot stall the phone
MOST_KEPT_CHARACTERS = 100_000


class Session:
    """One visit's form on the phone. References are paths such as `/data/met/child[2]/age`.

    `prefill` gives first values by reference or plain question name; they are there before anything is computed.
    `last_saved` are the answers (XML text) that `${last-saved#…}` reads, blank where there are none.
    `draft` is what `draft()` gave before. Raises FormUnknown if the draft belongs to another form or version.
    """

    def __init__(
        self,
        formdef: FormDef,
        lists: Mapping[str, ListSource],
        env: Env,
        draft: Mapping[str, Any] | None = None,
        language: str | None = None,
        prefill: Mapping[str, str] | None = None,
        *,
        wording: Wording,
        last_saved: str = "",
    ) -> None:
        wanted = (draft or {}).get("language") or language
        self.form = formdef
        self._instance = Instance(
            formdef, lists, env, wording, formdef.language_like(wanted), last_saved=last_saved
        )
        self._pages = plan_pages(formdef)
        self._page_refs = page_refs(self._pages)
        #: when each question was last changed, as ISO text
        self.answered: dict[str, str] = dict((draft or {}).get("answered", {}))
        growth.grow(self._instance)
        if draft is not None:
            reopen(self._instance, draft)
        else:
            events.first_load(self._instance, self._prefill(prefill or {}))
        self._instance.settle()
        self._instance.graph.begin()

    def _node(self, ref: str) -> Node:
        known = self._instance.fixed.get(ref)
        node = known if isinstance(known, Node) else at_ref(self._instance.root, ref)
        if node is None:
            raise AnswerInvalid(ref=ref, reason="no_such_question")
        return node

    def _prefill(self, values: Mapping[str, str]) -> set[Node]:
        given = set()
        for name, value in values.items():
            root = self._instance.root
            node = at_ref(root, name) if name.startswith("/") else named(root, name)
            if node is None or node.value is None:
                raise AnswerInvalid(ref=name, reason="no_such_question")
            node.value.put(self._typed(node, value))
            given.add(node)
        return given

    def ref_of(self, name: str) -> str | None:
        """The reference of the question with that plain name; None if the form has none."""
        node = named(self._instance.root, name)
        return node.ref if node is not None else None

    def has(self, ref: str) -> bool:
        """Whether something stands at a reference, relevant or not."""
        return ref in self._instance.fixed or at_ref(self._instance.root, ref) is not None

    # -- pages and questions

    def pages(self) -> list[Page]:
        """All pages in order; one with nothing to answer or to add now is not relevant."""
        found = []
        for index, plan in enumerate(self._pages):
            placed = laid_out(plan, self._instance.root)
            shown = any(one.control.is_question or one.grows for one in placed)
            found.append(Page(plan.ref, self._title(plan), index, shown))
        return found

    def _title(self, plan: PagePlan) -> str:
        nodes = self._instance.targets(plan.ref, self._instance.root)
        return rendered(plan.label, nodes[0] if nodes else self._instance.root) or self.form.title

    def _plan(self, page_ref: str) -> PagePlan:
        for plan in self._pages:
            if plan.ref == page_ref:
                return plan
        raise AnswerInvalid(ref=page_ref, reason="no_such_page")

    def questions(self, page_ref: str) -> list[Question]:
        """The relevant questions of a page in order, with the titles of inner groups between them."""
        found = []
        for placed in placed_on(self._plan(page_ref), self._instance.root):
            if placed.control.is_question:
                found.append(question_at(placed.node, page_ref))
            else:
                found.append(heading(placed))
        return found

    def repeats(self, page_ref: str) -> list[Repeat]:
        """The repeats on a page that a person may lengthen; inner ones once for each outer instance."""
        found: list[Repeat] = []
        at = 0
        for placed in laid_out(self._plan(page_ref), self._instance.root):
            if placed.grows:
                found.append(repeat_at(placed, at))
            else:
                at += 1
        return found

    def question(self, ref: str) -> Question:
        """One question, relevant or not. Raises AnswerInvalid if there is none at `ref`."""
        node = self._node(ref)
        return question_at(node, self._page_of(node))

    def _page_of(self, node: Node) -> str:
        return self._page_refs.get(node.definition.path, "")

    def value(self, ref: str) -> str:
        """The answer as expressions see it: blank while irrelevant."""
        return self._node(ref).string()

    # -- answers

    def set(self, ref: str, value: str) -> Changes:
        """Takes an answer; several choices are separated by blanks, a blank text clears.

        Raises AnswerInvalid if there is no such question or it may not be changed, TextTooLong.
        """
        node = self._node(ref)
        if len(value) > MOST_KEPT_CHARACTERS:
            raise TextTooLong(ref=ref, length=len(value), most=MOST_KEPT_CHARACTERS)
        if node.value is None or node.is_readonly():
            raise AnswerInvalid(ref=ref, reason="read_only")
        text = self._typed(node, value)
        self._instance.graph.begin()
        if node.value.value != text or node.value.stale:
            self.answered[node.ref] = present(self._instance.env).isoformat(timespec="seconds")
            node.value.put(offered_of(node, text))
            follow(node)
            events.value_changed(self._instance, node)
            self._instance.settle()
        return changes_of(self._instance)

    def tapped(self, ref: str, value: str) -> str:
        """What the answer to a question with several choices becomes by a tap on one of them; nothing is set yet."""
        return tapped(self._node(ref), value)

    def _typed(self, node: Node, value: str) -> str:
        control = node.control
        several = control is not None and control.kind in ("select", "rank")
        return typed_text(value, node.bind.type if node.bind is not None else "string", several)

    def add_repeat(self, ref: str, place: int | None = None) -> Changes:
        """Adds an instance to the repeat at `ref` (without position), at a 1-based place or at the end.

        Raises AnswerInvalid if there is no such repeat or its number is computed, TooManyInstances.
        """
        above, name = self._range(ref)
        definition = next(part for part in above.definition.children if part.name == name)
        last = len(above.families[name])
        if last >= growth.MOST_BY_HAND:
            raise TooManyInstances(limit=growth.MOST_BY_HAND)
        self._instance.graph.begin()
        node = growth.add_instance(above, definition, last if place is None else min(place - 1, last))
        events.new_repeat(self._instance, node)
        self._instance.settle()
        return changes_of(self._instance)

    def remove_repeat(self, ref: str, place: int) -> Changes:
        """Removes the instance at a 1-based place of the repeat at `ref` (without position)."""
        above, name, _ = self._placed(ref, place)
        self._instance.graph.begin()
        self.answered = times_without(self.answered, f"{above.ref}/{name}", place)
        growth.remove_instance(above, name, place - 1)
        self._instance.settle()
        return changes_of(self._instance)

    def holds_answers(self, ref: str, place: int) -> bool:
        """Whether a person has answered anything in the instance at a 1-based place, shown now or not."""
        return growth.holds_answers(self._placed(ref, place)[2])

    def _placed(self, ref: str, place: int) -> tuple[Node, str, Node]:
        above, name = self._range(ref)
        family = above.families[name]
        if not 1 <= place <= len(family):
            raise AnswerInvalid(ref=ref, reason="no_such_question")
        return above, name, family[place - 1]

    def _range(self, ref: str) -> tuple[Node, str]:
        parent, _, name = ref.rpartition("/")
        above = self._node(parent)
        if name not in above.ranges:
            raise AnswerInvalid(ref=ref, reason="no_such_question")
        control = self.form.repeats[f"{above.definition.path}/{name}"]
        if control.count is not None or control.fixed_count:
            raise AnswerInvalid(ref=ref, reason="read_only")
        return above, name

    # -- what is open, and what goes out

    def problems(self, page_ref: str | None = None) -> list[Problem]:
        """What is wrong with the answers, in the order of the questions."""
        found = []
        for plan in self._pages if page_ref is None else (self._plan(page_ref),):
            for placed in placed_on(plan, self._instance.root):
                finding = finding_of(placed.node) if placed.control.is_question else None
                if finding is not None:
                    node = placed.node
                    found.append(Problem(node.ref, plan.ref, label_of(node), finding.kind, finding.message))
        return found

    @property
    def language(self) -> str | None:
        """The language of the texts, as the form names it."""
        return self._instance.language.value

    def set_language(self, language: str) -> Changes:
        """Switches the texts to the form's language for a name or code such as `en`."""
        self._instance.graph.begin()
        self._instance.language.put(self.form.language_like(language))
        self._instance.settle()
        return changes_of(self._instance)

    def finalize(self) -> None:
        """Writes the metadata of the end; call it once, just before the final `to_xml`."""
        events.finish(self._instance)

    def to_xml(self, drop_irrelevant: bool = True) -> str:
        """The instance as XML text, for sending without irrelevant answers."""
        return instance_xml(self._instance, drop_irrelevant)

    def sent_ref(self, ref: str) -> str | None:
        """Where `to_xml()` has the answer at a reference; None if its repeat instance is left out or gone."""
        node = at_ref(self._instance.root, ref)
        return sent_ref(node) if node is not None else None

    def draft(self) -> dict[str, Any]:
        """Everything needed to open this session again, as plain JSON values."""
        return draft_of(self._instance, self.answered)

    # -- in words

    def words(self, ref: str) -> str:
        """The answer as it is read aloud: labels of choices; days stay as written."""
        return answer_in_words(self._node(ref))

    def text_of(self, page_ref: str) -> str:
        """A page as running text, for reading back: titles, notes, and questions with their answers."""
        lines = []
        for question in self.questions(page_ref):
            words = "" if question.kind in ("heading", "note") else self.words(question.ref)
            if words:
                lines.append(self._instance.wording("forms.line", label=question.label, words=words))
            elif question.kind in ("heading", "note") and question.label:
                lines.append(question.label)
        return "\n".join(lines)


def extract(session: Session) -> list[EntityOp]:
    """What the answers of a session say about cases."""
    return entity_ops(session._instance)
