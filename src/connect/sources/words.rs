//! Words of files for our states and kinds: the names of the code, and the Chinese words of the field.

use crate::domain::{
    customer::OrderState,
    person::{CriticalPost, ExitKind, Impact, SpellState},
    signal::SignalKind,
};
use std::str::FromStr;

/// A closed set of values that a column may hold.
pub(super) trait Word: Sized + Copy + FromStr + 'static {
    /// Chinese words beside the names of the code.
    const CHINESE: &'static [(&'static str, Self)];

    /// The value that a word means, in either language; Latin words in any case, with `-` or a space for `_`.
    fn of(word: &str) -> Option<Self> {
        if let Ok(v) = Self::from_str(word) {
            return Some(v);
        }
        if word.is_ascii() {
            return Self::from_str(&word.to_ascii_lowercase().replace(['-', ' '], "_")).ok();
        }
        Self::CHINESE.iter().find(|(w, _)| *w == word).map(|(_, v)| *v)
    }
}

impl Word for SpellState {
    const CHINESE: &'static [(&'static str, Self)] = &[
        ("待入职", Self::PreHire),
        ("试用期", Self::Probation),
        ("试用", Self::Probation),
        ("在职", Self::Active),
        ("待离职", Self::Notice),
        ("长期休假", Self::OnLeave),
        ("停职", Self::Suspended),
        ("已离职", Self::Departed),
        ("离职", Self::Departed),
    ];
}

impl Word for ExitKind {
    const CHINESE: &'static [(&'static str, Self)] = &[
        ("主动辞职", Self::Resigned),
        ("辞职", Self::Resigned),
        ("协商解除", Self::Mutual),
        ("辞退", Self::Dismissed),
        ("试用不合格", Self::ProbationFailed),
        ("合同到期", Self::ContractEnded),
        ("退休", Self::Retired),
        ("自离", Self::Abandoned),
        ("死亡", Self::Died),
    ];
}

impl Word for CriticalPost {
    const CHINESE: &'static [(&'static str, Self)] =
        &[("研发", Self::Research), ("销售", Self::Sales), ("质控", Self::Quality), ("质量控制", Self::Quality)];
}

impl Word for Impact {
    const CHINESE: &'static [(&'static str, Self)] =
        &[("低", Self::Low), ("小", Self::Low), ("中", Self::Medium), ("高", Self::High), ("大", Self::High)];
}

impl Word for OrderState {
    const CHINESE: &'static [(&'static str, Self)] = &[
        ("未完成", Self::Open),
        ("待发货", Self::Open),
        ("已发货", Self::Shipped),
        ("已完成", Self::Completed),
        ("已取消", Self::Cancelled),
    ];
}

impl Word for SignalKind {
    const CHINESE: &'static [(&'static str, Self)] = &[
        ("简历更新", Self::ResumeUpdate),
        ("求职活跃", Self::JobSeekActivity),
        ("求职活跃度", Self::JobSeekActivity),
        ("迟到", Self::Late),
        ("请假", Self::Leave),
        ("考勤异常率", Self::AttendanceGrowth),
        ("绩效", Self::PerfScore),
        ("连续下降", Self::PerfStreak),
        ("薪酬差距", Self::PayGap),
        ("调薪申请", Self::RaiseRequest),
        ("团队反馈关键词", Self::TeamKeyword),
        ("离职倾向调查", Self::SurveyIntent),
        ("晋升停滞", Self::PromotionStall),
        ("项目延迟次数", Self::ProjectDelay),
        ("专利贡献", Self::PatentContribution),
        ("未达标", Self::TargetMiss),
        ("通话量", Self::CallVolume),
        ("压力评分", Self::Stress),
        ("导师评价", Self::MentorRating),
        ("数据访问异常", Self::AccessAnomaly),
        ("拜访定位", Self::Location),
        ("晋升", Self::Promotion),
        ("满意度", Self::Satisfaction),
    ];
}
