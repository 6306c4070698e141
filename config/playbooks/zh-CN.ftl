# 沟通与挽留手册：可能的需求、沟通策略、方案模板 [AC-2] [AC-3] [NF-12]。
# 可复制到数据目录后按本公司的做法修改。自有模型的特征可按 need-、strategy-、opening- 加特征名补充文字；
# 未补充时显示通用文字。

## 可能的需求：供沟通时留意，不是对员工的结论
need-generic = 工作中可能有了变化。先弄清是什么，再考虑给什么。
need-resume-updates-90d = 可能在比较外部机会：成长空间、认可，或更合适的岗位。
need-attendance-growth = 可能疲惫、家中有事，或在外出面试。不要猜测是哪一种。
need-performance-drop = 可能缺少支持、目标不清，或失去动力：现在的工作是否仍然合适？
need-performance-falling-quarters = 持续下滑往往意味着成长停滞：晋升、新的任务，或迟迟没有得到的认可。
need-pay-gap = 可能觉得薪酬低于市场。薪酬常常最先被提起，却很少是全部原因。

## 沟通策略：先了解需求，再提供解决方案
strategy-generic = 先了解需求，再提供解决方案。先问近期工作，多听，再问还缺什么。
strategy-resume-updates-90d = 不要提简历或招聘网站。问对方两年后想做什么，在这里有什么阻碍。
strategy-attendance-growth = 从关心开始，不要从考勤记录开始。先问负担如何，先谈减负，再谈制度。
strategy-performance-drop = 先问近期工作：哪些顺利，哪些受阻。当场商定一件由您来解决的事。
strategy-performance-falling-quarters = 先说出您看重的一项贡献，再问哪些付出没有得到认可，从什么时候开始。
strategy-pay-gap = 由对方先提薪酬。备好市场区间，当场不作承诺，说明何时答复。

## 开场白
opening-generic = 想用半小时听听您最近的工作情况。近来在想些什么？
opening-resume-updates-90d = 我们有一阵没聊过您的打算了。接下来想做些什么？
opening-attendance-growth = 这段时间很忙。您还好吗？负担重不重？
opening-performance-drop = 说说最近几周吧。哪些顺利，哪些不容易？
opening-performance-falling-quarters = 过去一年您承担了很多。您原本希望它带来什么？
opening-pay-gap = 想了解这份工作里您现在最看重什么。如果只改一件事，会改什么？

## 沟通过程
talk-question-work = 最近工作怎么样？
talk-question-needs = 有哪些需要目前还没有得到满足？
talk-question-future = 一年后，什么会让您庆幸自己还在这里？
talk-close = 说清下一步和时间，并在当天写下来。
summary-talk-3-days = 需在3天内与员工沟通。今天一次平和的短谈，胜过下周一份完美的方案。
summary-understand-first = 先了解需求，再提供解决方案。未经批准的事不作承诺。

## 如何解读报告、制定方案 [NF-12]
help-read-report = 「风险因素」说明什么推高了评分、各占多少。先看缺失的数据：所知越少，评分能说明的越少。
help-make-plan = 一份方案针对一项需求。写明改变什么、由谁负责、何时完成。承诺之前须由他人批准。

## 方案模板：方括号处请填写
template-promotion-path-title = 晋升路径
template-promotion-path =
    目标：[日期]前晋升为[岗位或职级]。
    标准：[两三项可核对的成果]。
    支持：导师[姓名]，每[月]回顾一次。
    届时达到标准，即列入当季晋升候选人。
template-project-authority-title = 项目权限
template-project-authority =
    项目：[名称]，自[日期]起。
    权限：[范围]内自主决定，预算不超过[金额]。
    汇报：每[两周]向[姓名]汇报。
    达成标准：[日期]前完成[成果]。
template-training-title = 培训
template-training =
    主题：[员工希望提升的能力]。
    课程或导师：[名称]，工作时间内[小时数]，自[日期]起。
    应用于：[任务或项目]。
    回顾：[日期]一起看成效。
template-pay-title = 调薪
template-pay =
    现薪酬与市场同岗位相比：[数值]。
    建议：自[日期]起调整[比例或金额]。
    理由：[业绩与市场]，而非离职风险。
    公平：[须一并考虑的同岗位同事]。
template-transfer-title = 调岗
template-transfer =
    自[日期]起由[团队]调往[团队]，任[岗位]。
    对员工的意义：[沟通中了解到的需求]。
    交接：由[姓名]接手，[日期]前完成。
    回转：[周数]内双方均可终止试岗。
