"""`nightdesk knowledge`: everything around the operators' knowledge file."""

from __future__ import annotations

from bots.cli.words import Group

knowledge = Group(
    name="knowledge",
    lazy={
        "check": ("bots.cli.knowledge_check:check", "检查写法、不能说的话、重复和问不到的条目"),
        "test": ("bots.cli.knowledge_test:test", "跑条目自己的 tests，看改动影响了哪些问法"),
        "history": ("bots.cli.knowledge_history:history", "每个启用过的版本和它的变化"),
        "gaps": ("bots.cli.knowledge_gaps:gaps", "还不会答的问题，和人工后来怎么说"),
        "learn": ("bots.cli.knowledge_learn:learn", "从聊天记录、转人工的会话、商品页面学，写成提议"),
        "import": ("bots.cli.knowledge_learn:import_", "导入店铺的快捷回复表，写成提议"),
        "accept": ("bots.cli.knowledge_learn:accept", "列出提议，采用看过的"),
        "score": ("bots.cli.knowledge_score:score", "给一批消息打分，用来评测"),
    },
    help="知识库：检查、测试、看历史，以及从聊天记录里学习。改动保存以后，正在值守的机器人自动启用。",
    example="nightdesk knowledge check\nnightdesk knowledge test\nnightdesk knowledge gaps",
)
