"""Interleaved rounds: every work under every tracer, compared within its round."""

import statistics
import sys
import time

START = time.monotonic()
NOTHING = "nothing attached"


def say(text):
    print(f"bench: {time.monotonic() - START:4.0f} s: {text}", file=sys.stderr, flush=True)


def run_rounds(tracers, rounds, limit_s, measure):
    """By name, one a round: what measure(tracer) gives; None stands for nothing attached."""
    results = {name: [] for name in [NOTHING, *(tracer.name for tracer in tracers)]}
    everything = [None, *tracers]
    end = time.monotonic() + limit_s
    for number in range(rounds):
        if time.monotonic() > end:
            say(f"no time for more than {number} rounds")
            break
        say(f"round {number + 1} of {rounds}")
        turn = number % len(everything)
        for tracer in everything[turn:] + everything[:turn]:
            results[tracer.name if tracer else NOTHING].append(measure(tracer))
    return results


def summarize(values):
    """By name: the median, and the median of the ratios to nothing in the same round."""
    found = {}
    for name, rounds in values.items():
        ratios = [one / other for one, other in zip(rounds, values[NOTHING])]
        found[name] = {
            "median": statistics.median(rounds),
            "ratio": statistics.median(ratios),
            "lowest": min(ratios),
            "highest": max(ratios),
        }
    return found
