"""Shadow mode: alarms of behaviors that no real pictures speak for are kept, and told to no VMS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from .acceptance import Acceptance
from .behaviors import UNCERTAIN, Behavior, Vocabulary
from .event import Emit
from .ports import Model, ModelInfo


def has_evidence(behavior: Behavior, info: ModelInfo) -> bool:
    """Whether each value that makes the behavior was measured on real pictures, by whoever made the model."""
    return {*behavior.values} - {UNCERTAIN} <= {*info.evidence.get(behavior.axis, ())}


def in_shadow(vocabulary: Vocabulary, model: Model, acceptance: Acceptance) -> list[str]:
    """The behaviors that would raise an alarm, and do not: without real evidence, and not accepted by the site."""
    return [
        one.id
        for one in vocabulary.behaviors.values()
        if one.emit is Emit.ALARM
        and not has_evidence(one, model.info)
        and not acceptance.covers(model.id, model.info, one.id)
    ]


def shadowed(vocabulary: Vocabulary, model: Model, acceptance: Acceptance) -> Vocabulary:
    """The vocabulary as it holds for the rooms of a model."""
    hidden = {id_: replace(vocabulary[id_], emit=Emit.SHADOW) for id_ in in_shadow(vocabulary, model, acceptance)}
    return replace(vocabulary, behaviors={**vocabulary.behaviors, **hidden}) if hidden else vocabulary


def remarks(vocabulary: Vocabulary, models: Mapping[str, Model], acceptance: Acceptance) -> Iterator[str]:
    """What to say of it, a line for each model, and of a record that is of no use."""
    if acceptance.problem:
        yield acceptance.problem
    for id_, model in sorted(models.items()):
        hidden = in_shadow(vocabulary, model, acceptance)
        if hidden:
            yield (
                f"shadow mode: alarms of {', '.join(hidden)} stay in the store, since {id_} is not proven there on real"
                " pictures; `homeroom models evaluate --site FILE SET --accept` with pictures of the site lifts it"
            )
