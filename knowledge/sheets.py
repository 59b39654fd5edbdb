"""Quick replies and rule lists as shops keep them, made entries."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from base.errors import ConfigError, Problem
from knowledge.proposals import Draft, Evidence, Proposal, free_id
from knowledge.tables import Line, find_columns, read_table

_COLUMNS: Mapping[str, Sequence[str]] = {
    "question": (
        *(
            "问题",
            "问",
            "买家问题",
            "常见问题",
            "客户问题",
            "用户问题",
            "标准问题",
            "标准问",
            "问法",
            "提问",
            "标题",
            "问句",
        ),
        *(
            "场景",
            "名称",
            "短语标题",
            "编码",
            "快捷编码",
            "快捷键",
            "短语编码",
            "快捷码",
            "question",
            "questions",
            "title",
        ),
    ),
    "similar": (
        *("相似问", "相似问法", "相似问题", "扩展问", "扩展问题", "其他问法", "同义问法", "例句"),
        *("similar", "variants", "examples"),
    ),
    "keyword": (
        *("关键词", "关键字", "触发词", "匹配词", "触发关键词", "命中词", "关键词组"),
        *("keyword", "keywords", "trigger"),
    ),
    "answer": (
        *(
            "答案",
            "回答",
            "回复",
            "答",
            "回复内容",
            "答复",
            "话术",
            "内容",
            "短语内容",
            "快捷短语",
            "快捷回复",
            "快捷语",
        ),
        *(
            "短语",
            "自动回复",
            "回复话术",
            "回复语",
            "答案内容",
            "answer",
            "answers",
            "reply",
            "content",
            "response",
        ),
    ),
    "group": ("分组", "分类", "类别", "类目", "组名", "短语分组", "一级分类", "group", "category"),
}
_BETWEEN_QUESTIONS = re.compile(r"[\n;；|｜]+|(?<=[?？])")
_BETWEEN_WORDS = re.compile(r"[\s,，、;；|｜/]+")
_LONGEST_ANSWER = 500


@dataclass(slots=True, kw_only=True)
class _Rule:
    """What several rows say of one thing."""

    lines: list[int]
    title: str
    questions: dict[str, None] = field(default_factory=dict)
    keywords: dict[str, None] = field(default_factory=dict)
    answers: dict[str, None] = field(default_factory=dict)


def read_sheet(path: Path, taken: Collection[str]) -> tuple[list[Proposal], list[Problem]]:
    """A proposal for each thing that the table answers, and what could not be taken; raises `ConfigError`.

    Rows with one question are one entry with several answers, rows with one answer one with several questions.
    `taken`: ids that are in use.
    """
    columns, lines = find_columns(read_table(path), _COLUMNS)
    if "answer" not in columns or not {"question", "similar", "keyword"} & set(columns):
        hint = "第一行写上表头，例如：问题、关键词、回复"
        raise ConfigError(Problem(message="找不到“问题”（或“关键词”）和“回复”这两列", path=path, hint=hint))
    rules, problems = _rules(lines, columns, path)
    ids = set(taken)
    found = []
    for rule in _merged(rules):
        name = free_id(rule.title, ids)
        ids.add(name)
        draft = Draft(
            id=name,
            questions=tuple(rule.questions) or tuple(rule.keywords),
            keywords=tuple(rule.keywords),
            answer=tuple(rule.answers),
        )
        rows = "、".join(map(str, rule.lines))
        evidence = Evidence(source=f"{path.name} 第 {rows} 行", count=len(rule.lines))
        found.append(Proposal.of(entry=draft, evidence=evidence))
    return found, problems


def _rules(
    lines: Sequence[Line], columns: Mapping[str, tuple[int, ...]], path: Path
) -> tuple[list[_Rule], list[Problem]]:
    rules: list[_Rule] = []
    problems = []
    for line in lines:
        cells = {kind: [line.cell(column) for column in columns.get(kind, ())] for kind in _COLUMNS}
        answers = [text for text in cells["answer"] if text]
        asked = [part for cell in [*cells["question"], *cells["similar"]] for part in _questions(cell)]
        words = [word for cell in cells["keyword"] for word in _BETWEEN_WORDS.split(cell) if word]
        if answers and not asked and not words and rules:
            rules[-1].answers |= dict.fromkeys(answers)  # a merged cell: one more answer to the question above
            rules[-1].lines.append(line.number)
        elif not answers or not (asked or words) or max(map(len, answers)) > _LONGEST_ANSWER:
            problems.append(Problem(message=_why_not(answers), path=path, line=line.number))
        else:
            title = (asked or words)[0]
            rule = _Rule(lines=[line.number], title=title)
            rule.questions |= dict.fromkeys(asked)
            rule.keywords |= dict.fromkeys(words)
            rule.answers |= dict.fromkeys(answers)
            rules.append(rule)
    return rules, problems


def _why_not(answers: Sequence[str]) -> str:
    if not answers:
        return "这一行没有回复，没有导入"
    long = max(map(len, answers)) > _LONGEST_ANSWER
    return f"回复超过 {_LONGEST_ANSWER} 字，没有导入" if long else "这一行没有问题和关键词，没有导入"


def _questions(cell: str) -> Iterator[str]:
    for part in _BETWEEN_QUESTIONS.split(cell):
        text = part.strip(" 　,，。.、")
        if text:
            yield text


def _merged(rules: Sequence[_Rule]) -> list[_Rule]:
    """Rules that share a question, or say just the same, are one."""
    found: list[_Rule] = []
    by_question: dict[str, _Rule] = {}
    by_answers: dict[tuple[str, ...], _Rule] = {}
    for rule in rules:
        same = by_answers.get(tuple(rule.answers))
        same = next((by_question[text] for text in rule.questions if text in by_question), same)
        if same is None:
            same = rule
            found.append(rule)
        else:
            same.questions |= rule.questions
            same.keywords |= rule.keywords
            same.answers |= rule.answers
            same.lines += rule.lines
        by_answers[tuple(same.answers)] = same
        by_question |= dict.fromkeys(rule.questions, same)
    return found
