"""What the judge found, as a table that reads alike on a terminal and on a page, and as plain data."""

from typing import Any

from broker.matching.judging.bootstrap import Gain
from broker.matching.judging.by_score import Share
from broker.matching.judging.judge import Bench, Question, Ranker, Row

HEADINGS: dict[Ranker, str] = {
    "bm25": "BM25",
    "random": "chance",
    "encoder": "ours + encoder",
    "minilm": "MiniLM",
}


def answer(bench: Bench, question: Question, names: list[str] | None = None) -> str:
    """What a question asks of these sets, or of all, as a table."""
    return (
        _as_shares(bench.shares(question, names))
        if question.by_score
        else as_table(bench.rows(question, names), question)
    )


def as_table(rows: list[Row], question: Question) -> str:
    """A Markdown table, its columns filled up with spaces; 95% intervals in square brackets."""
    return _table([_headings(rows, question), *(_cells(row, question, rows) for row in rows)])


def _as_shares(found: list[Share]) -> str:
    """Of suggestions with such a score, how many fit."""
    return _table(
        [
            ["set", "score", "suggested", "of these right", "share"],
            *(
                [
                    _named(share.set, share.split),
                    share.score,
                    f"{share.suggested:,}",
                    f"{share.right:,}",
                    f"{share.right / share.suggested:.0%}" if share.suggested else "",
                ]
                for share in found
            ),
        ]
    )


def _table(lines: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(_line(cells, widths) for cells in lines)


def as_data(rows: list[Row], question: Question) -> dict[str, Any]:
    """For JSON, digits not cut."""
    return {
        "ranker": question.ranker,
        "direction": question.direction,
        "measure": question.measure,
        "rows": [
            {
                "set": row.set,
                "split": row.split,
                "band": row.band,
                "judged": row.scores[question.ranker].judged,
                "rankers": {ranker: scores.as_dict() for ranker, scores in row.scores.items()},
                "against": {rival: found.as_dict() for rival, found in row.gains.items()},
            }
            for row in rows
        ],
    }


def _headings(rows: list[Row], question: Question) -> list[str]:
    own = _heading(question.ranker)
    first = (
        ["set", "stems", f"judged {question.direction}s"]
        if _has_bands(rows)
        else ["set", f"judged {question.direction}s"]
    )
    means = [_heading(ranker) for ranker in _means_shown(question)]
    return [*first, *means, *(_against(own, rival) for rival in question.rivals)]


def _means_shown(question: Question) -> tuple[Ranker, ...]:
    """What a part brings says enough; the figure without it need not stand there as well."""
    return (question.ranker,) if question.parts else (question.ranker, *question.rivals)


def _heading(ranker: Ranker) -> str:
    return HEADINGS.get(ranker, ranker)


def _against(own: str, rival: Ranker) -> str:
    part = rival.removeprefix("without ")
    return f"gain from {part}" if part != rival else f"{own} against {_heading(rival)}"


def _has_bands(rows: list[Row]) -> bool:
    return any(row.band for row in rows)


def _cells(row: Row, question: Question, rows: list[Row]) -> list[str]:
    name = _named(row.set, row.split)
    first = [name, row.band or ""] if _has_bands(rows) else [name]
    means = [_figure(float(row.scores[ranker].as_dict()[question.measure])) for ranker in _means_shown(question)]
    gains = [_gain(row.gains[rival]) for rival in question.rivals]
    return [*first, f"{row.scores[question.ranker].judged:,}", *means, *gains]


def _named(name: str, split: str | None) -> str:
    return f"{name}, {split}" if split else name


def _line(cells: list[str], widths: list[int]) -> str:
    return f"| {' | '.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))} |"


def _figure(value: float) -> str:
    """Three digits, no leading 0: .244."""
    return f"{value:.3f}".replace("0.", ".", 1)


def _signed(value: float) -> str:
    """As _figure with a sign; only what is exactly 0 has none, so that +.000 is seen to lie above it."""
    return f"{value:+.3f}".replace("0.", ".", 1) if value else ".000"


def _gain(found: Gain) -> str:
    return f"{_signed(found.mean)} [{_signed(found.low)}, {_signed(found.high)}] {found.verdict}"
