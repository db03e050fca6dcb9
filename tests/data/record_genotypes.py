"""Record genotypes.json with PaddleSlim 1.1.1 on Paddle 1.8.5: random alphas and what they come to there."""

import json
import pathlib

import numpy as np
import paddle.fluid as fluid

from paddleslim.nas.darts.genotype.derivation import get_genotype

P = [
    "none",
    "max_pool_3x3",
    "avg_pool_3x3",
    "skip_connect",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
]
out = []
with fluid.dygraph.guard(fluid.CPUPlace()):
    for seed, (method, steps, mult, prims) in enumerate(
        [
            ("DARTS", 4, 4, P),
            ("PC-DARTS", 4, 4, P),
            ("DARTS", 3, 2, P[:1] + P[3:5]),
            ("PC-DARTS", 5, 4, P),
            ("PC-DARTS", 2, 2, P[3:] + ["none"]),
        ]
    ):
        rng = np.random.RandomState(seed)
        e = steps * (steps + 3) // 2

        class M:
            pass

        m = M()
        m._method, m._steps, m._multiplier, m._primitives = method, steps, mult, prims
        rec = {"method": method, "steps": steps, "multiplier": mult, "primitives": prims}
        for c in ("normal", "reduce"):
            a = rng.randn(e, len(prims)).astype("float32").round(4)
            b = rng.randn(e).astype("float32").round(4)
            setattr(m, "alphas_" + c, fluid.dygraph.to_variable(a))
            setattr(m, "betas_" + c, fluid.dygraph.to_variable(b))
            rec["alphas_" + c] = [[round(float(x), 4) for x in r] for r in a]
            rec["betas_" + c] = [round(float(x), 4) for x in b]
        rec["genotype"] = str(get_genotype(m))
        out.append(rec)
json.dump(out, pathlib.Path(__file__).with_name("genotypes.json").open("w"))
