"""Calls that a program may repeat after it got no answer: the second does nothing."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeVar

from fastapi import Depends, Header
from pydantic import BaseModel, TypeAdapter

from depotlib.api.access import AsCaller
from depotlib.exchange.answered import AnsweredCall
from depotlib.exchange.mailbox import Mailbox

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Repeat:
    """Under what a call may be repeated.

    Parameters
    ----------
    caller : str
    key : str
        Empty: it came without one, and each call counts.
    """

    caller: str
    key: str


def repeat_of(
    caller: AsCaller,
    key: Annotated[
        str,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=200,
            description="a name for this call; repeated within a day, it does nothing twice",
        ),
    ] = "",
) -> Repeat:
    """Return under what a call may be repeated."""
    return Repeat(caller.name, key)


Repeatable = Annotated[Repeat, Depends(repeat_of)]


def answer_once(
    mailbox: Mailbox,
    repeat: Repeat,
    *,
    wish: BaseModel,
    answers: type[Answer],
    now: datetime,
    make: Callable[[], Answer],
) -> Answer:
    """Return the answer to a wish: made now, or as it was made under the same key.

    To be called in the transaction of what it does, so that both are kept or neither.

    Parameters
    ----------
    mailbox : Mailbox
    repeat : Repeat
    wish : BaseModel
    answers : type
        Of the answer.
    now : datetime
    make : callable
        Does what is wished.
    """
    if not repeat.key:
        return make()
    name = f"{type(wish).__name__}\n{repeat.caller}\n{repeat.key}"
    content = hashlib.sha256(wish.model_dump_json().encode()).hexdigest()
    adapter = TypeAdapter(answers)
    held = mailbox.answered.answer(name, content=content, now=now)
    if held is not None:
        return adapter.validate_json(held)
    answer = make()
    text = adapter.dump_json(answer).decode()
    mailbox.answered.keep(name, AnsweredCall(now, content, text))
    return answer
