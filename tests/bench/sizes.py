"""How much of everything is done: the whole benchmark, or the least that shows that it works."""

import dataclasses

KIB, MIB = 1 << 10, 1 << 20
BUFFERS = (256 * KIB, MIB, 8 * MIB)
ENOUGH_ROUNDS = 3  # fewer are only to see that everything works


@dataclasses.dataclass(frozen=True)
class Size:
    rounds: int
    work_s: float  # of each work in a round
    rounds_s: int  # a slow machine makes fewer rounds, and the report says how many
    server_s: int  # wrk knows whole seconds only
    starts: int
    idle_s: float
    consumer_s: float
    all_footprints: bool  # or only of the tracers that are compared under the server, too
    paces: tuple  # binds a second, binds
    flood_s: float
    refused_s: float
    refused_rates: tuple  # events a second; 0: all that one processor can make
    refused_buffers: tuple
    synthetic_s: float
    synthetic_rates: tuple
    synthetic_buffers: tuple


def size_of(rounds):
    if rounds < ENOUGH_ROUNDS:
        return Size(
            rounds=rounds,
            work_s=0.03,
            rounds_s=60,
            server_s=1,
            starts=1,
            idle_s=2,
            consumer_s=0.3,
            all_footprints=False,
            paces=((10_000, 2_000), (50_000, 5_000)),
            flood_s=0.5,
            refused_s=0.2,
            refused_rates=(0,),
            refused_buffers=(256 * KIB,),
            synthetic_s=0.2,
            synthetic_rates=(2_000_000,),
            synthetic_buffers=(MIB,),
        )
    return Size(
        rounds=rounds,
        work_s=0.15,
        rounds_s=200,
        server_s=1,
        starts=5,
        idle_s=15,
        consumer_s=2,
        all_footprints=True,
        paces=((10_000, 10_000), (50_000, 40_000)),
        flood_s=60,
        refused_s=2,
        refused_rates=(50_000, 200_000, 0),
        refused_buffers=BUFFERS,
        synthetic_s=1,
        synthetic_rates=(1_000_000, 2_000_000, 0),
        synthetic_buffers=BUFFERS,
    )
