//! Customers of the salespeople, who owned them when, their orders and what they owe.

use super::{
    Spec, article,
    dice::{Dice, Purpose},
    person::Life,
};
use crate::domain::{
    customer::OrderState,
    import::{CustomerFact, OrderFact, ReceivableFact, StatedOwner},
    person::SpellState,
};
use jiff::{ToSpan, civil::Date};

/// Only the first people of a company have customers, so that a very large one is not mostly made of them.
const SELLERS_AMONG: u32 = 4_000;
/// A departure this many days ago or longer is settled: the team's head has the customers, or the pool.
const SETTLED: i64 = 45;
/// Days after which nothing is open any more.
const OLD: i64 = 60;

const CITIES: [&str; 12] = ["上海", "杭州", "苏州", "宁波", "北京", "天津", "济南", "广州", "佛山", "成都", "武汉", "郑州"];
const WORDS: [&str; 24] = [
    "宏远", "顺达", "金桥", "恒通", "鑫源", "永昌", "百汇", "嘉禾", "天成", "万隆", "瑞丰", "博雅", "锦华", "新城", "联创", "中汇", "东升",
    "海润", "华茂", "信诚", "康达", "德盛", "利群", "远景",
];
const TRADES: [&str; 12] = ["贸易", "电子", "纺织", "食品", "家居", "建材", "百货", "服饰", "机械", "包装", "日化", "文具"];
const CALLED: [&str; 12] = ["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙"];

/// One customer with all that hangs on it.
struct Book {
    /// One row an interval of ownership.
    rows: Vec<CustomerFact>,
    orders: Vec<OrderFact>,
    receivables: Vec<ReceivableFact>,
}

/// A row an interval of ownership, customer after customer.
pub fn customers(spec: &Spec) -> impl Iterator<Item = CustomerFact> + '_ {
    books(spec).flat_map(|b| b.rows)
}

/// What the customers ordered in the last months.
pub fn orders(spec: &Spec) -> impl Iterator<Item = OrderFact> + '_ {
    books(spec).flat_map(|b| b.orders)
}

/// What the customers owe; some have paid.
pub fn receivables(spec: &Spec) -> impl Iterator<Item = ReceivableFact> + '_ {
    books(spec).flat_map(|b| b.receivables)
}

fn books(spec: &Spec) -> impl Iterator<Item = Book> + '_ {
    let cast = article::Cast::new(spec.employees);
    let today = spec.today();
    (0..spec.employees.min(SELLERS_AMONG)).flat_map(move |index| {
        let life = Life::new(spec, today, &cast, index);
        let head = life.head().map(|head| Life::new(spec, today, &cast, head));
        let mut dice = Dice::new(spec.seed, index, Purpose::Customers);
        let sells = life.sells() && life.state != SpellState::PreHire;
        let many = match life.state {
            _ if !sells => 0,
            SpellState::Probation => dice.whole(0, 3),
            _ => dice.whole(3, 9),
        };
        (0..many).map(|n| book(&mut dice, &life, head.as_ref(), n)).collect::<Vec<_>>()
    })
}

fn book(dice: &mut Dice, life: &Life, head: Option<&Life>, n: i64) -> Book {
    let today = life.today;
    let ago = |days: i64| today.saturating_sub(days.days());
    let number = format!("K{:06}{n}", life.index);
    let name = format!("{}{}{}有限公司", dice.pick(&CITIES), dice.pick(&WORDS), dice.pick(&TRADES));
    let contact = format!("{}经理 1380000{:04}", dice.pick(&CALLED), dice.whole(0, 9_999));
    let from = life.started.max(ago(dice.whole(30, 1_200))).min(life.until());
    let row = |owner: StatedOwner, from: Date, until: Option<Date>| CustomerFact {
        number: number.clone(),
        name: name.clone(),
        contact: Some(contact.clone()),
        owner: Some(owner),
        owned_from: Some(from),
        owned_until: until,
        stated_on: today,
    };
    let own = StatedOwner::Number(life.number.clone());
    let mut rows = Vec::new();
    match life.last_day.filter(|last| *last < ago(SETTLED)) {
        Some(last) => {
            rows.push(row(own, from, Some(last)));
            let next = last.saturating_add(1.day());
            let heir = head.filter(|h| h.state.is_live() && h.started <= next && dice.chance(0.8));
            rows.extend(heir.map(|h| row(StatedOwner::Number(h.number.clone()), next, None)));
        }
        // Whoever left lately, or is about to, still has them.
        None => rows.push(row(own, from, None)),
    }
    let orders = (0..dice.whole(0, 2)).map(|i| {
        let days = dice.whole(1, 150);
        let state = match dice.unit() {
            _ if days > OLD => OrderState::Completed,
            p if p < 0.4 => OrderState::Open,
            p if p < 0.7 => OrderState::Shipped,
            p if p < 0.95 => OrderState::Completed,
            _ => OrderState::Cancelled,
        };
        let amount_fen = dice.whole(50, 20_000) * 1_000 + dice.whole(0, 99);
        OrderFact { number: format!("D{number}{i}"), customer: number.clone(), placed_on: ago(days), amount_fen, state, stated_on: today }
    });
    let orders: Vec<_> = orders.collect();
    let receivables = (0..dice.whole(0, 1)).map(|i| {
        let due_on = ago(dice.whole(-60, OLD));
        let amount_fen = if dice.chance(0.3) { 0 } else { dice.whole(20, 8_000) * 1_000 + dice.whole(0, 99) };
        ReceivableFact { number: format!("R{number}{i}"), customer: number.clone(), amount_fen, due_on, stated_on: today }
    });
    let receivables = receivables.collect();
    Book { rows, orders, receivables }
}

/// The hand-overs that are under way: of the first salesperson on notice with customers, to a colleague of the same department.
pub fn handing_over(spec: &Spec) -> Option<(Vec<String>, String)> {
    let cast = article::Cast::new(spec.employees);
    let today = spec.today();
    let lives = || (0..spec.employees.min(SELLERS_AMONG)).map(|index| Life::new(spec, today, &cast, index));
    lives().filter(|l| l.sells() && l.state == SpellState::Notice).find_map(|leaver| {
        let mine: Vec<String> =
            customers(spec).filter(|c| c.owner == Some(StatedOwner::Number(leaver.number.clone()))).map(|c| c.number).collect();
        let colleague =
            lives().find(|l| l.state == SpellState::Active && l.sells() && l.index != leaver.index && l.head() == leaver.head())?;
        (mine.len() >= 3).then_some((mine, colleague.number))
    })
}
