"""Misleads a descriptor with its gradients, in PyTorch: projected gradient descent over random crops of the picture.

One JSON line {"model", "path", "target", "sign", "reach", "steps", "seed", "out"} in, one {} out when `out` is written.
`sign` 1 makes the picture unlike the target vector, -1 like it. The model runs node by node, so that it has gradients.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from PIL import Image
from torch.nn import functional

SIDE = 160  # pixels that the model sees
CROPS = 4  # besides the whole
Values = dict[str, Any]


class Graph:
    """An ONNX model of the small descriptor's kind."""

    def __init__(self, path: str) -> None:
        self._graph = onnx.load(path).graph
        self._weights = {each.name: torch.tensor(numpy_helper.to_array(each)) for each in self._graph.initializer}

    def describe(self, pictures: torch.Tensor) -> torch.Tensor:
        """(N, 512) of (N, side, side, 3) with values 0 to 255."""
        values: Values = {"": None, **self._weights, self._graph.input[0].name: pictures}
        for node in self._graph.node:
            told = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
            values[node.output[0]] = OUTCOMES[node.op_type]([values[each] for each in node.input], told)
        described: torch.Tensor = values[self._graph.output[0].name]
        return described


# What each kind of node makes of its inputs and attributes.
OUTCOMES: dict[str, Callable[[list[Any], Values], Any]] = {
    "Cast": lambda given, _: given[0].float(),
    "Constant": lambda _, told: torch.tensor(numpy_helper.to_array(told["value"])),
    "Add": lambda given, _: given[0] + given[1],
    "Sub": lambda given, _: given[0] - given[1],
    "Div": lambda given, _: given[0] / given[1],
    "Pow": lambda given, _: given[0] ** given[1],
    "Relu": lambda given, _: functional.relu(given[0]),
    "Clip": lambda given, _: torch.clamp(given[0], min=given[1]),
    "Transpose": lambda given, told: given[0].permute(told["perm"]),
    "ReduceMean": lambda given, told: given[0].mean(told["axes"], keepdim=bool(told["keepdims"])),
    "ReduceL2": lambda given, told: given[0].norm(dim=told["axes"], keepdim=bool(told["keepdims"])),
    "Shape": lambda given, _: given[0].shape,
    "Expand": lambda given, _: given[0].expand(given[1]),
    "Gemm": lambda given, _: given[0] @ given[1].T + given[2],
    "Conv": lambda given, told: functional.conv2d(
        *given, told["strides"], told["pads"][:2], told["dilations"], told["group"]
    ),
}


def seen(picture: torch.Tensor, chance: np.random.Generator) -> torch.Tensor:
    """(1 + CROPS, SIDE, SIDE, 3): the whole and random crops of (H, W, 3), as the model is shown them."""
    height, width = picture.shape[:2]
    parts = [picture]
    for _ in range(CROPS):
        tall, wide = (round(each * chance.uniform(0.5, 1)) for each in (height, width))
        top, left = int(chance.integers(0, height - tall + 1)), int(chance.integers(0, width - wide + 1))
        parts.append(picture[top : top + tall, left : left + wide])
    sized = [
        functional.interpolate(
            each.permute(2, 0, 1)[None], (SIDE, SIDE), mode="bilinear", antialias=True, align_corners=False
        )
        for each in parts
    ]
    return torch.cat(sized).permute(0, 2, 3, 1)


def misled(graph: Graph, asked: dict[str, Any]) -> Image.Image:
    """The picture changed by at most `reach` in each value."""
    picture = torch.tensor(np.asarray(Image.open(asked["path"]).convert("RGB")), dtype=torch.float32)
    target = torch.tensor(asked["target"])
    chance = np.random.default_rng(asked["seed"])
    torch.manual_seed(asked["seed"])
    reach = float(asked["reach"])
    change = (torch.rand_like(picture) * 2 - 1) * reach
    for step in range(asked["steps"]):
        change.requires_grad = True
        similarity = graph.describe(seen((picture + change).clamp(0, 255), chance)) @ target
        (gradient,) = torch.autograd.grad(asked["sign"] * (similarity[0] + similarity.mean()), change)
        pace = reach * (0.25 if step < asked["steps"] / 2 else 0.06)
        change = (change.detach() - pace * gradient.sign()).clamp(-reach, reach)
    return Image.fromarray((picture + change).clamp(0, 255).round().to(torch.uint8).numpy())


def main() -> None:
    torch.set_num_threads(1)
    graphs: dict[str, Graph] = {}
    for line in sys.stdin:
        asked = json.loads(line)
        graph = graphs.setdefault(asked["model"], Graph(asked["model"]))
        misled(graph, asked).save(asked["out"])
        sys.stdout.write("{}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
