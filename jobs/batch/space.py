"""Is there room for the images that a batch will pull: said before it begins. Pure."""

from dataclasses import dataclass

from jobs.batch.stock import EXPECTED_BYTES, StockRules, gib


@dataclass(frozen=True, slots=True)
class Space:
    """A sentence on images and room, and whether the batch cannot begin."""

    sentence: str
    refused: bool = False


def space_for(missing: int, at_once: int, free_bytes: int | None, rules: StockRules) -> Space | None:
    """What to say, None when no image has to be pulled.

    `at_once` is how many instances may be at work, `free_bytes` the room on the engine's disk, None where it cannot be
    seen. An image is taken to need `EXPECTED_BYTES`; SWE-bench's share many layers, so that this is on the safe side.
    """
    if not missing or rules.pull == "never":
        return None
    images = f"{missing} images are not on this machine and will be pulled" if missing > 1 else "1 image will be pulled"
    if free_bytes is None:
        return Space(f"{images}. The room on the disk of the Docker engine cannot be seen from here.")
    room = f"{gib(free_bytes)} are free on the disk of the Docker engine"
    budget = rules.budget_bytes
    if free_bytes < EXPECTED_BYTES:
        return Space(
            f"{images}, and only {room}; one takes about {gib(EXPECTED_BYTES)}. Make room with `docker system prune`, "
            "or use --pull never if all that is needed is here.",
            refused=True,
        )
    if budget is not None and budget > free_bytes:
        return Space(
            f"The disk budget of {gib(budget)} is more than there is: {room}. Lower --disk-budget, or make room with "
            "`docker system prune`.",
            refused=True,
        )
    together = missing if rules.keep else min(missing, at_once)
    wanted = min(together * EXPECTED_BYTES, budget or together * EXPECTED_BYTES)
    if wanted <= free_bytes:
        return Space(f"{images}, about {gib(wanted)} at a time; {room}.")
    advice = "without --keep-images they would go after use" if rules.keep else "fewer --workers need less"
    return Space(f"{images}, perhaps {gib(wanted)} at a time, and {room}: pulls will wait for room ({advice}).")
