"""Explanations as a text, as Markdown and as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable

from paramdesk.engine.explanation import Line, Section


def as_text(sections: Iterable[Section]) -> str:
    """The explanation for a terminal or a mail."""
    blocks = []
    for section in sections:
        rows = [section.title + (f" ({section.aside})" if section.aside else "")]
        if section.words:
            rows.append(f"  {section.words}")
        width = max((len(line.what) for line in section.lines), default=0)
        for line in section.lines:
            left = f"{line.what:{width}}   {line.numbers}".strip() if width else line.numbers
            rows.append(f"  {left}{_joined(line)}")
        rows += [f"  {remark}" for remark in section.remarks]
        blocks.append("\n".join(rows))
    return "\n\n".join(blocks) + "\n"


def _joined(line: Line, mark: str = "") -> str:
    """The result behind the numbers, unless these say it already."""
    if line.numbers.endswith(f"= {line.result}"):
        return ""
    sign = " → " if "=" in line.numbers or not re.search(r"\d", line.numbers) else " = "
    return f"{sign}{mark}{line.result}{mark}"


def as_markdown(sections: Iterable[Section]) -> str:
    """The explanation as Markdown."""
    blocks = []
    for section in sections:
        rows = [f"### {section.title}", ""]
        if section.words:
            rows += [f"*{section.words}*", ""]
        rows += [
            f"- {f'{line.what}: ' if line.what else ''}{line.numbers}{_joined(line, '**')}" for line in section.lines
        ]
        if section.aside:
            rows += ["", f"({section.aside})"]
        for remark in section.remarks:
            rows += ["", f"> {remark}"]
        blocks.append("\n".join(rows))
    return "\n\n".join(blocks) + "\n"


# LaTeX ----------------------------------------------------------------------------------------------------------------

_SIGNS = {
    "×": r"\times", "−": "-", "⌊": r"\lfloor", "⌋": r"\rfloor", "→": r"\rightarrow", "≥": r"\ge", "–": r"\text{--}",
    "mod": r"\bmod",
}  # fmt: skip
_TOKEN = re.compile(r"\d+(?:[,.]\d+)*|[×−⌊⌋→≥–+/=(),]|[^\W\d](?:[^×−⌊⌋→≥–+/=(),\d]|(?<=\w)\d)*")
_SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


def as_latex(sections: Iterable[Section]) -> str:
    """The explanation as LaTeX, which needs the package amsmath."""
    blocks = []
    for section in sections:
        rows = [rf"\paragraph{{{latex_text(section.title)}}}"]
        if section.aside:
            rows.append(f"({latex_text(section.aside)})")
        equations = [_equation(line) for line in section.lines]
        if section.words:
            equations.insert(0, f"& {_math(section.words)}")
        if equations:
            rows += [r"\begin{align*}", " \\\\\n".join(equations), r"\end{align*}"]
        rows += [latex_text(remark) for remark in section.remarks]
        blocks.append("\n".join(rows))
    return "\n\n".join(blocks) + "\n"


def latex_text(text: str) -> str:
    r"""A text for LaTeX outside of formulas.

    >>> latex_text("conv2d_1 (50%)")
    'conv2d\\_1 (50\\%)'
    """
    escaped = re.sub(r"[\\~^]|([&%$#_{}])", lambda m: f"\\{m[1]}" if m[1] else _SPECIAL[m[0]], text)
    escaped = escaped.replace("ᵀ", r"\textsuperscript{T}")
    return re.sub(r"[×−⌊⌋→≥]", lambda m: f"${_SIGNS[m[0]]}$", escaped)


def _equation(line: Line) -> str:
    what = rf"\text{{{latex_text(line.what)}:}}\quad & " if line.what else "& "
    return f"{what}{_math(line.numbers + _joined(line))}"


def _math(formula: str) -> str:
    r"""A formula in words or numbers as LaTeX sets it: words upright, thousands kept together."""
    tokens = [_token(match[0].strip()) for match in _TOKEN.finditer(formula)]
    return re.sub(r"(?<=\d) (?=\\text)", r"\\ ", " ".join(tokens))


def _token(token: str) -> str:
    if token in _SIGNS:
        return _SIGNS[token]
    if token[0].isdigit():
        return token.replace(",", "{,}")
    return rf"\text{{{latex_text(token)}}}" if token[0].isalpha() else token
