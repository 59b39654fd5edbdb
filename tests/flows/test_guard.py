"""The guard: what may be said and what may not, over tables of sentences."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from base.errors import ConfigError
from flows.guard import Guard, Verdict, load_lists
from knowledge.model import load_knowledge

ROOT = Path(__file__).parents[2]
PLATFORMS = ("pinduoduo", "doudian", "jd", "taobao", "xiaohongshu", "kuaishou", "weixin", "shopee")
CATEGORIES = ("food", "cosmetics", "health", "oral", "baby", "general")

HARMLESS = [
    "您好，请问有什么可以帮您？",
    "亲，现货付款后48小时内发货，节假日顺延。",
    "默认发中通快递，偏远地区发邮政，也可以联系我们改发京东快递。",
    "一般发货后3到5天到，第一次揽收后物流会更新。",
    "最晚明天18:00前发出。",
    "最近订单较多，请您耐心等一等。",
    "最多可以买5件，最少1件起拍。",
    "您最好先拍一张外包装的照片，方便我们和快递核实。",
    "最好用30度以下的温水手洗，面料最好不要暴晒。",
    "最好的办法是先申请换货，我们收到后第一时间给您寄新的。",
    "支持7天无理由退货，吊牌和包装要完好。",
    "退货运费由运费险赔付，一般72小时内到账。",
    "运费险一般补8元左右，以保险公司理赔为准。",
    "快递丢件的话，快递公司会赔付，我们先给您补发。",
    "满199减30，满399减80，可以和店铺券叠加。",
    "尺码：S 155/80A，M 160/84A，L 165/88A。",
    "男款 170/92 175/96 180/100，按平时的尺码拍。",
    "面料是100%棉，里料聚酯纤维100%。",
    "这款含棉量百分之百，可以放心穿。",
    "充电到100%大约需要2小时。",
    "我们没办法保证100%明天到，还请谅解。",
    "第一步打开订单，第二步点申请售后。",
    "第一次使用前请用清水冲洗。",
    "拆开后第一时间检查有没有破损。",
    "每个订单对应唯一的编号，请以订单详情为准。",
    "请尽快手动确认收货。",
    "这款是加厚的，更加Q弹有嚼劲，QQ糖也有。",
    "口感QQ弹弹的，冷藏后更好吃。",
    "北京东路的门店周一到周五营业，每天09:00-18:00。",
    "营业时间 08:00-12:00 14:00-18:00，夜里由值班同事回复。",
    "可以使用微信支付、花呗和银行卡付款。",
    "取件码会发您手机，报手机号后四位就可以取件。",
    "请核对收货人电话，预留的电话要能打通。",
    "请不要把手机号发给任何自称客服的人，谨防诈骗。",
    "请勿相信任何线下交易或者私下转账的要求。",
    "本店不参与好评返现，祝您购物愉快。",
    "快递员会扫码取件，您不用打印面单。",
    "扫描包装二维码溯源：包装上的二维码可以查产地。",
    "电子发票会发送到您填写的邮箱。",
    "抱歉让您久等了，已经帮您催促仓库了。",
    "可以换货，换货只能换同款不同尺码。",
    "差价的话请在订单页申请价保，系统会自动核算。",
    "换大一码需补10元差价，拍补差链接备注订单号即可。",
    "订单号 230512-152345678901 已经发出，单号 SF1402233445566。",
    "单号 78412345678901，可以在中通快递小程序里查询。",
    "本品不能代替药物治疗，不适请及时就医。",
    "孕期请遵医嘱，正在治疗的请先问医生。",
    "洗衣机请选滚筒轻柔档，垃圾袋请另购。",
    "垃圾桶的容量是12升，滚轮可以拆卸。",
    "保质期12个月，最佳赏味期为开封后7天。",
    "这款有V领和圆领两种，添加VC的是另一款。",
    "成为店铺会员后可以领券，加VIP不额外收费。",
    "建议您升级到 v2.10.3 版本，说明书是 manual.pdf。",
    "内存是1TB，USB 接口，型号 A1502。",
    "尺寸 1.5×2.0 米，重 3.5kg，误差 1-3cm。",
    "这边马上帮您登记，稍后由人工客服联系您。",
    "好的，已备注：不要放驿站，送货上门。",
    "缺货的颜色预计11月20日到货，到货后按付款先后发。",
    "大件由德邦物流送货，到前会给您打电话。",
    "您可以点订单里的“申请退款”，审核后原路退回。",
    "收到有破损请在24小时内拍照给我们，核实后给您补发。",
    "没有第一时间回复您，非常抱歉。",
    "给宝妈的贺卡可以手写，写给您妈妈的话请发我。",
    "批发10件以上价格从优，具体请等人工客服报价。",
    "保证有效期在半年以上，都是新批次。",
    "物流显示签收但没收到的话，请先问问家人和驿站。",
    "感谢您的喜欢❤ 有问题随时找我们～",
    "退款原路退回，微信付的退到微信零钱。",
    "请勿相信加微信退款的骗子，也不要扫陌生二维码。",
    "圆通默认，发顺丰需要补差价12元。",
    "电量显示100%后拔掉即可。",
    "家里的某东西坏了也可以咨询。",
    "价格1688元，含安装；加V领的那件没货了。",
    "京东方屏幕，休闲鱼竿，亚马逊雨林图案，都在详情页。",
    "中通客服电话95311，维权可以拨打12315。",
    "身高 170-175，体重 130-145 斤选 XL，袖长 60 62 64 66。",
    "电池 5000mAh，充电 5V2A，信号 5G，WIFI信号满格。",
    "退货寄回浙江省义乌市北苑街道123号，写上订单号，到付不签收。",
    "没有机会给您砍价，但是可以领5元券。",
    "价格有 139、159、179、99 四档，以页面为准。",
    "颜色会有轻微色差，以实物为准；稍微信息多一点的请看详情页。",
]

# text, the platform it is said on, the action, part of the rule's name
BAD = [
    ("有问题打13800138000", "jd", "block", "电话"),
    ("电话 138 0013 8000", "jd", "block", "电话"),
    ("138-0013-8000 随时联系", "taobao", "block", "电话"),
    ("１３８００１３８０００", "pinduoduo", "block", "电话"),
    ("幺三八零零幺三八零零零", "doudian", "block", "电话"),
    ("一三八 零零一三 八零零零", "doudian", "block", "电话"),
    ("①③⑧00①③⑧000", "jd", "block", "电话"),
    ("+86 13800138000", "shopee", "block", "电话"),
    ("1.3.8.0.0.1.3.8.0.0.0", "jd", "block", "电话"),
    ("座机 0571-88886666", "jd", "block", "电话"),
    ("拨打 400-823-8233", "jd", "block", "电话"),
    ("加我微信聊", "taobao", "block", "联系方式"),
    ("加微信 abc", "weixin", "block", "联系方式"),
    ("我的微信号是 abc_123", "weixin", "block", "联系方式"),
    ("薇信同号", "jd", "block", ""),
    ("V信联系", "jd", "block", "联系方式"),
    ("vx：abc12345", "kuaishou", "block", "联系方式"),
    ("v x abc12345", "kuaishou", "block", "联系方式"),
    ("Ｖ Ｘ 同号", "kuaishou", "block", "联系方式"),
    ("加V详聊", "pinduoduo", "block", "联系方式"),
    ("➕V❤", "pinduoduo", "block", "联系方式"),
    ("+v abc12345", "pinduoduo", "block", "联系方式"),
    ("加薇，发您资料", "jd", "block", "联系方式"),
    ("微 信 找我", "jd", "block", "其他平台"),
    ("微，信", "jd", "block", "其他平台"),
    ("微\u200b信发您", "jd", "block", "其他平台"),
    ("微.信发您", "taobao", "block", "其他平台"),
    ("wei信联系", "jd", "block", "联系方式"),
    ("v：abc_123456", "jd", "block", "联系方式"),
    ("加企微", "jd", "block", "联系方式"),
    ("扣扣 123456", "jd", "block", "联系方式"),
    ("QQ123456789", "jd", "block", "联系方式"),
    ("加Q聊", "jd", "block", "联系方式"),
    ("我们有绿泡泡", "jd", "block", "联系方式"),
    ("WhatsApp us please", "shopee", "block", "联系方式"),
    ("加Line領取", "shopee", "block", "联系方式"),
    ("可以加好友", "xiaohongshu", "block", "联系方式"),
    ("进群领福利", "doudian", "block", "联系方式"),
    ("留个电话吧", "pinduoduo", "block", "索要"),
    ("把您的手机号发我，您的手机号是多少", "pinduoduo", "block", "索要"),
    ("方便留一下手机号吗", "pinduoduo", "block", "索要"),
    ("邮箱 shop@example.com", "jd", "block", "邮箱"),
    ("看这里 https://example.com/a", "jd", "block", "链接"),
    ("http : //example", "jd", "block", "链接"),
    ("搜 www.example.com", "jd", "block", "链接"),
    ("搜 example点com", "jd", "block", "链接"),
    ("打开 example . cn", "jd", "block", "链接"),
    ("abc.top 有优惠", "jd", "block", "链接"),
    ("复制￥AbC123dEf45￥打开", "pinduoduo", "block", "链接"),
    ("扫一扫下面的图", "jd", "block", "二维码"),
    ("二 维 码发您了", "jd", "block", "二维码"),
    ("我们淘宝也有店", "pinduoduo", "block", "其他平台"),
    ("天猫旗舰店同款", "jd", "block", "其他平台"),
    ("拼多多更便宜", "taobao", "block", "其他平台"),
    ("pdd 也能买", "taobao", "block", "其他平台"),
    ("去京东买", "doudian", "block", "其他平台"),
    ("JD 同款", "doudian", "block", "其他平台"),
    ("抖音直播间见", "kuaishou", "block", "其他平台"),
    ("快手直播间见", "doudian", "block", "其他平台"),
    ("小红书搜我们", "weixin", "block", "其他平台"),
    ("视频号见", "jd", "block", "其他平台"),
    ("某宝同款", "jd", "block", "其他平台"),
    ("闲鱼上有二手", "jd", "block", "其他平台"),
    ("1688店里批发", "jd", "block", "其他平台"),
    ("shopee 也有", "jd", "block", "其他平台"),
    ("淘宝有店", "unknown-console", "block", "其他平台"),
    ("线下交易便宜点", "jd", "block", "线下"),
    ("转到我的支付宝", "jd", "block", "线下"),
    ("私下给您转10块", "jd", "block", "线下"),
    ("把银行卡号发我，发我银行卡号", "jd", "block", "线下"),
    ("追评有礼", "jd", "block", "好评"),
    ("好评返现5元", "jd", "block", "好评"),
    ("五星好评送小礼品", "jd", "block", "好评"),
    ("晒图领红包", "jd", "block", "好评"),
    ("返 现", "jd", "block", "好评"),
    ("能把差评改好评吗", "jd", "block", "好评"),
    ("坏了包赔", "jd", "handoff", "赔付"),
    ("碎一个赔您两个", "jd", "handoff", "赔付"),
    ("破了我们赔", "jd", "handoff", "赔付"),
    ("发您红包", "jd", "handoff", "退钱"),
    ("假一赔十", "jd", "handoff", "赔付"),
    ("我们全部赔偿", "jd", "handoff", "赔付"),
    ("補償您，賠您20元", "shopee", "handoff", "赔付"),
    ("赔10元", "jd", "handoff", "赔付"),
    ("退您 20 元可以吗", "jd", "handoff", "退钱"),
    ("退你五块钱", "jd", "handoff", "退钱"),
    ("返您10元差价", "jd", "handoff", "退钱"),
    ("给您优惠20元", "jd", "handoff", "退钱"),
    ("仅退款不退货", "jd", "handoff", "退钱"),
    ("这是最好的面霜", "jd", "block", "绝对化"),
    ("我们家质量最好", "jd", "block", "绝对化"),
    ("最 好 吃的零食", "jd", "block", "绝对化"),
    ("全网销量第一", "jd", "block", "绝对化"),
    ("我们是第一", "jd", "block", "绝对化"),
    ("全国第一个做这个的", "jd", "block", "绝对化"),
    ("国家级品质", "jd", "block", "绝对化"),
    ("顶级工艺", "jd", "block", "绝对化"),
    ("全网最低价", "jd", "block", "绝对化"),
    ("100%正品", "jd", "block", "绝对化"),
    ("百分百有效", "jd", "block", "绝对化"),
    ("绝对不会掉色", "jd", "block", "绝对化"),
    ("最优惠的价格给您", "jd", "block", "绝对化"),
    ("独一无二的设计", "jd", "block", "绝对化"),
    ("NO.1 的选择", "jd", "block", "绝对化"),
    ("零风险购买", "jd", "block", "绝对化"),
    ("唯一指定品牌", "jd", "block", "绝对化"),
    ("你是不是有病", "jd", "block", "辱骂"),
    ("傻 逼", "jd", "block", "辱骂"),
    ("爱买不买", "jd", "block", "辱骂"),
    ("你滚吧", "jd", "block", "辱骂"),
    ("SB", "jd", "block", "辱骂"),
    ("可以治疗脚气", "jd", "block", "医疗"),
    ("治療鼻炎", "shopee", "block", "医疗"),
    ("对糖尿病人有好处", "jd", "block", "医疗"),
    ("可以治牙疼", "jd", "block", "医疗"),
    ("根治口臭", "jd", "block", "医疗"),
    ("消炎止痛", "jd", "block", "医疗"),
    ("改善失眠", "jd", "block", "医疗"),
    ("没有副作用", "jd", "block", "医疗"),
    ("保证有效，无效退款", "jd", "handoff", "效果"),
    ("七天见效", "jd", "handoff", "效果"),
    ("请尽快付款哦", "pinduoduo", "block", "催付"),
    ("私信下单更便宜", "doudian", "block", "引到别处"),
    ("给您返100京豆", "jd", "block", "京豆"),
    ("我帮您改价格", "taobao", "handoff", "改价"),
    ("去我主页看看", "xiaohongshu", "block", "引到别处"),
    ("私信购买", "kuaishou", "block", "引到别处"),
    ("加企业微信", "weixin", "block", ""),
    ("cash back for you", "shopee", "block", "引到别处"),
]

CLAIMS = [
    ("food", "吃了能减肥"),
    ("food", "增强免疫力"),
    ("food", "排毒养颜"),
    ("cosmetics", "美白效果很好"),
    ("cosmetics", "祛痘祛斑"),
    ("cosmetics", "医美级别"),
    ("health", "可以代替药"),
    ("health", "两个疗程就够了"),
    ("oral", "这款牙膏可以美白"),
    ("oral", "改善牙龈出血"),
    ("oral", "对牙周炎有帮助"),
    ("baby", "益智又增高"),
    ("baby", "接近母乳"),
    ("baby", "提高宝宝抵抗力：提高抵抗力"),
]

HARMLESS_CLAIMS = [
    ("food", "减肥期间可以适量吃，热量见包装。"),
    ("food", "本品是普通食品，不能增强免疫力。"),
    ("cosmetics", "这款是保湿面霜，不具有美白功效。"),
    ("health", "本品不能代替药物，请勿自行停药。"),
    ("health", "祝您早日康复。"),
    ("oral", "含氟牙膏，日常清洁用，没有美白功效。"),
    ("oral", "如有牙龈出血请及时就医。"),
    ("baby", "益智积木3岁以上可以玩。"),
    ("baby", "奶粉不能代替母乳，建议母乳喂养。"),
]


@pytest.fixture(scope="module")
def guard() -> Guard:
    return Guard(load_lists(), ["内部价", "Boss"])


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_sentences_pass_on_every_platform(guard: Guard, text: str) -> None:
    for platform in (*PLATFORMS, "practice"):
        assert guard.check(text, platform=platform) == Verdict(allowed=True, action="send")


@pytest.mark.parametrize(("text", "platform", "action", "rule"), BAD)
def test_what_must_not_be_said(guard: Guard, text: str, platform: str, action: str, rule: str) -> None:
    verdict = guard.check(text, platform=platform)
    assert (verdict.action, verdict.allowed) == (action, False)
    assert rule in verdict.rule
    assert verdict.found
    assert verdict.found in text
    assert verdict.reason


@pytest.mark.parametrize(("category", "text"), CLAIMS)
def test_claims_of_a_category_go_to_a_person(guard: Guard, category: str, text: str) -> None:
    assert guard.check(text, platform="jd", category=category).action == "handoff"
    assert guard.check(text, platform="jd", category="other-goods").action == "handoff"
    assert guard.check(text, platform="jd").allowed
    assert guard.check(text, platform="jd", category="general").allowed


@pytest.mark.parametrize(("category", "text"), HARMLESS_CLAIMS)
def test_modest_words_of_a_category_pass(guard: Guard, category: str, text: str) -> None:
    assert guard.check(text, platform="jd", category=category) == Verdict(allowed=True, action="send")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_shop_may_name_its_own_platform_and_no_other(guard: Guard, platform: str) -> None:
    lists = load_lists()
    for other, described in lists.platforms.items():
        for name in described.names:
            text = f"在{name}上看过"
            assert (guard.check(text, platform=platform).rule == "其他平台") == (other != platform), name


def test_every_platform_and_category_has_lists() -> None:
    lists = load_lists()
    assert set(PLATFORMS) == set(lists.platforms)
    assert set(CATEGORIES) == set(lists.categories)
    assert all(described.lists for described in lists.platforms.values())
    assert all(lists.categories.values())


@pytest.mark.parametrize("text", ["这是内部价", "内 部-价", "内\u200b部价", "boss说的", "Ｂｏｓｓ"])
def test_never_say_words_are_blocked(guard: Guard, text: str) -> None:
    verdict = guard.check(text, platform="jd")
    assert (verdict.action, verdict.rule) == ("block", "不能说的话")
    assert verdict.found in text


def test_a_never_say_word_of_latin_letters_stands_alone(guard: Guard) -> None:
    assert guard.check("embossed", platform="jd").allowed


def test_block_outranks_handoff(guard: Guard) -> None:
    verdict = guard.check("碎了赔您10元，加微信", platform="jd")
    assert verdict.action == "block"


def test_the_reason_is_for_people(guard: Guard) -> None:
    verdict = guard.check("您好，加 微 信 聊", platform="jd")
    assert verdict.found == "加 微 信"
    assert verdict.reason == "含有“加 微 信”（联系方式）：平台禁止在聊天里交换联系方式，不能发出"


def test_all_answers_are_checked_in_their_order(guard: Guard) -> None:
    verdicts = guard.check_all(["您好", "加微信", "赔您10元"], platform="jd")
    assert [verdict.action for verdict in verdicts] == ["send", "block", "handoff"]


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "😀" * 50, "好" * 20_000, "1" * 20_000, "a." * 10_000, "不" * 20_000]
)
def test_odd_texts_are_no_trouble(guard: Guard, text: str) -> None:
    assert guard.check(text, platform="jd", category="oral").allowed


@pytest.mark.parametrize(
    ("yaml", "message"),
    [
        ("fold: {ab: c}", "fold"),
        ("common: [{rule: 甲, why: 乙, action: stop}]", "只能写其中之一"),
        ("common: [{rule: 甲, why: 乙, action: block, patterns: ['(']}]", "正则表达式有误"),
        ("common: [{rule: 甲, why: 乙, action: block, patterns: ['a*']}]", "不能匹配空的文字"),
        ("commons: []", "common"),
        ("categories: {food: []}", "缺少 general"),
    ],
)
def test_a_wrong_list_is_an_error_with_its_line(tmp_path: Path, yaml: str, message: str) -> None:
    path = tmp_path / "guard.yaml"
    path.write_text(yaml, encoding="utf-8")
    with pytest.raises(ConfigError, match=re.escape(message)) as caught:
        load_lists(path)
    assert f"{path}:1" in str(caught.value)


def test_the_example_knowledge_passes() -> None:
    knowledge = load_knowledge(ROOT / "knowledge.yaml")
    guard = Guard(load_lists(), knowledge.never_say)
    texts = [text for entry in knowledge.entries if entry.live for text in knowledge.spoken(entry)]
    texts += [
        knowledge.holding_text(variant, resume=resume) for variant in range(6) for resume in (None, "明天9:00")
    ]
    texts += [knowledge.fill(text) for text in knowledge.small_talk.greeting]
    texts.append(knowledge.choose_text([entry.id for entry in knowledge.entries if entry.live][:3]))
    assert len(texts) >= 40
    for platform in (*PLATFORMS, "practice"):
        verdicts = guard.check_all(texts, platform=platform, category="oral")
        refused = [verdict for verdict in verdicts if not verdict.allowed]
        assert refused == []


def test_what_was_said_before_is_not_gone_through_again(guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["亲，48小时内发货。", "这是内部价。"]
    first = guard.check_all(texts, platform="taobao", category="food")
    monkeypatch.delattr("flows.guard._Rule.check")
    assert guard.check_all(texts, platform="taobao", category="food") == first
    assert [verdict.allowed for verdict in first] == [True, False]


def test_a_verdict_is_kept_for_its_platform_goods_and_words_alone(guard: Guard) -> None:
    lax = Guard(lists := load_lists())
    assert [one.check("这是内部价。", platform="jd").allowed for one in (guard, lax)] == [False, True]
    texts, platforms = ("也可以到淘宝店看看。", "这款能治疗湿疹。", "加微信聊。"), (*PLATFORMS, "")
    for text, platform, category in product(texts, platforms, (*CATEGORIES, None)):
        anew = Guard(lists).check(text, platform=platform, category=category)
        assert lax.check(text, platform=platform, category=category) == anew
