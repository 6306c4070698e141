//! The organisation: twelve people are a department, four departments a site, sites belong to regions. All of it follows from an index.

use super::{COMPANY, dice::Dice};
use crate::domain::person::CriticalPost;

/// People of a department; the first leads it. In the first department of a site the first leads the site, the second the department.
const TEAM: u32 = 12;
/// Departments of a site.
const TEAMS: u32 = 4;
const SITE: u32 = TEAM * TEAMS;

/// Regions, their cities, and the city of their plants.
const REGIONS: [(&str, &[&str], &str); 5] = [
    ("华东区", &["上海", "杭州", "南京", "苏州", "宁波"], "苏州"),
    ("华北区", &["北京", "天津", "石家庄", "济南"], "天津"),
    ("华南区", &["广州", "深圳", "厦门", "佛山"], "佛山"),
    ("西南区", &["成都", "重庆", "昆明"], "重庆"),
    ("华中区", &["武汉", "长沙", "郑州"], "武汉"),
];

/// What people of a department do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    Sales,
    Quality,
    Research,
    Other,
}

/// A department: name, posts by rank (the last leads), work.
#[derive(Debug)]
pub struct Team {
    pub name: &'static str,
    pub posts: [&'static str; 4],
    pub work: Work,
}

const fn team(name: &'static str, posts: [&'static str; 4], work: Work) -> Team {
    Team { name, posts, work }
}

static HEAD_OFFICE: [Team; 4] = [
    team("总裁办", ["行政专员", "法务专员", "战略专员", "总裁办主任"], Work::Other),
    team("研发中心", ["研发工程师", "高级研发工程师", "研发主管", "研发总监"], Work::Research),
    team("财务部", ["会计", "高级会计", "财务主管", "财务总监"], Work::Other),
    team("信息技术部", ["运维工程师", "开发工程师", "系统架构师", "信息技术总监"], Work::Research),
];
static STORE: [Team; 4] = [
    team("销售部", ["销售代表", "资深销售", "销售主管", "销售经理"], Work::Sales),
    team("客服部", ["客服专员", "资深客服", "客服组长", "客服经理"], Work::Other),
    team("仓储物流部", ["仓管员", "配送员", "仓储组长", "物流经理"], Work::Other),
    team("大客户部", ["客户代表", "客户经理", "高级客户经理", "大客户总监"], Work::Sales),
];
static PLANT: [Team; 4] = [
    team("销售部", ["销售工程师", "资深销售工程师", "区域销售主管", "销售经理"], Work::Sales),
    team("生产部", ["操作工", "技工", "班组长", "生产经理"], Work::Other),
    team("质检部", ["质检员", "质检工程师", "质检主管", "质检经理"], Work::Quality),
    team("研发部", ["工艺工程师", "高级工艺工程师", "项目主管", "研发经理"], Work::Research),
];

/// Where an index works.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    index: u32,
}

impl Place {
    pub fn new(index: u32) -> Self {
        Self { index }
    }

    fn site(self) -> u32 {
        self.index / SITE
    }

    /// Region number; `None` is the head office.
    pub fn region(self) -> Option<usize> {
        self.site().checked_sub(1).map(|site| site as usize % REGIONS.len())
    }

    pub fn team(self) -> &'static Team {
        let teams = match self.site() {
            0 => &HEAD_OFFICE,
            site if is_plant(site) => &PLANT,
            _ => &STORE,
        };
        let [first, second, third, fourth] = teams;
        match self.index / TEAM % TEAMS {
            0 => first,
            1 => second,
            2 => third,
            _ => fourth,
        }
    }

    /// Leads a site.
    fn leads_site(self) -> bool {
        self.index.is_multiple_of(SITE)
    }

    /// Leads a site or a department; such people stay.
    pub fn leads(self) -> bool {
        self.index.is_multiple_of(TEAM) || self.index % SITE == 1
    }

    /// Path of unit names from the root.
    pub fn org(self) -> String {
        let (site, team) = (self.site_path(), self.team().name);
        if self.leads_site() { site } else { format!("{site}/{team}") }
    }

    fn site_path(self) -> String {
        let site = self.site();
        let Some((region, cities, plant)) = self.region().and_then(|r| REGIONS.get(r)) else { return format!("/{COMPANY}/总部") };
        // The how many-th site of the region this is.
        let turn = (site - 1) as usize / REGIONS.len();
        if is_plant(site) {
            return format!("/{COMPANY}/{region}/{plant}{}厂", ordinal(turn / 4 + 1));
        }
        let city = cities.get(turn % cities.len()).copied().unwrap_or_default();
        format!("/{COMPANY}/{region}/{city}{}店", ordinal(turn / cities.len() + 1))
    }

    pub fn post(self, dice: &mut Dice) -> &'static str {
        let [junior, senior, lead, head] = self.team().posts;
        match (self.index, self.leads_site(), self.leads()) {
            (0, ..) => "总裁",
            (_, true, _) if is_plant(self.site()) => "厂长",
            (_, true, _) => "店长",
            (.., true) => head,
            _ => match dice.unit() {
                p if p < 0.6 => junior,
                p if p < 0.9 => senior,
                _ => lead,
            },
        }
    }

    pub fn critical(self) -> Option<CriticalPost> {
        match self.team().work {
            _ if self.leads_site() => None,
            Work::Sales => Some(CriticalPost::Sales),
            Work::Quality => Some(CriticalPost::Quality),
            Work::Research => Some(CriticalPost::Research),
            Work::Other => None,
        }
    }

    /// Index of the line manager; the head of the group has none.
    pub fn manager(self) -> Option<u32> {
        let site = self.site() * SITE;
        let team = self.index / TEAM * TEAM;
        let first_of_region = self.region().map_or(0, |r| (r as u32 + 1) * SITE);
        match self.index {
            0 => None,
            i if i == site && i == first_of_region => Some(0),
            i if i == site => Some(first_of_region),
            i if i == team || i == site + 1 => Some(site),
            _ if team == site => Some(site + 1),
            _ => Some(team),
        }
    }
}

fn is_plant(site: u32) -> bool {
    site % 4 == 3
}

/// 一, 十二, 二十: numbers as they stand in names of stores.
fn ordinal(n: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let digit = |d: usize| DIGITS.get(d % 10).copied().unwrap_or_default();
    match n {
        0..10 => digit(n).into(),
        10..20 => format!("十{}", digit(n)),
        20..100 => format!("{}十{}", digit(n / 10), digit(n)),
        _ => format!("{n}"),
    }
}
