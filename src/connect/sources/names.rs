//! Sort names: the Latin letters by which a person is found and confirmed.

use pinyin::ToPinyin;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Surnames of two characters, with their reading.
const COMPOUND: &[(&str, &str)] = &[
    ("欧阳", "ouyang"),
    ("司马", "sima"),
    ("上官", "shangguan"),
    ("诸葛", "zhuge"),
    ("东方", "dongfang"),
    ("独孤", "dugu"),
    ("南宫", "nangong"),
    ("夏侯", "xiahou"),
    ("尉迟", "yuchi"),
    ("长孙", "zhangsun"),
    ("宇文", "yuwen"),
    ("慕容", "murong"),
    ("司徒", "situ"),
    ("司空", "sikong"),
    ("皇甫", "huangfu"),
    ("公孙", "gongsun"),
    ("令狐", "linghu"),
    ("澹台", "tantai"),
    ("赫连", "helian"),
    ("轩辕", "xuanyuan"),
    ("钟离", "zhongli"),
    ("端木", "duanmu"),
    ("百里", "baili"),
    ("呼延", "huyan"),
    ("东郭", "dongguo"),
    ("西门", "ximen"),
    ("闻人", "wenren"),
    ("申屠", "shentu"),
    ("太史", "taishi"),
    ("鲜于", "xianyu"),
    ("万俟", "moqi"),
    ("单于", "chanyu"),
    ("濮阳", "puyang"),
    ("淳于", "chunyu"),
    ("公冶", "gongye"),
    ("宗政", "zongzheng"),
    ("拓跋", "tuoba"),
    ("第五", "diwu"),
    ("纳兰", "nalan"),
    ("完颜", "wanyan"),
    ("歐陽", "ouyang"),
    ("司馬", "sima"),
    ("諸葛", "zhuge"),
];

/// Surnames that are read otherwise than the same character in a word.
const SURNAMES: &[(char, &str)] = &[
    ('卜', "bu"),
    ('单', "shan"),
    ('單', "shan"),
    ('曾', "zeng"),
    ('仇', "qiu"),
    ('解', "xie"),
    ('查', "zha"),
    ('盖', "ge"),
    ('朴', "piao"),
    ('翟', "zhai"),
    ('区', "ou"),
    ('區', "ou"),
    ('缪', "miao"),
    ('乐', "yue"),
    ('樂', "yue"),
    ('员', "yun"),
    ('召', "shao"),
    ('种', "chong"),
    ('重', "chong"),
    ('覃', "qin"),
    ('秘', "bi"),
    ('折', "she"),
    ('洗', "xian"),
    ('祭', "zhai"),
    ('隗', "wei"),
    ('句', "gou"),
    ('角', "jue"),
    ('么', "yao"),
    ('都', "du"),
    ('阚', "kan"),
    ('黑', "he"),
    ('佴', "nai"),
    ('薄', "bo"),
];

/// Lower-case Latin letters for a name: pinyin without tones (ü is `v`, as input methods write it), surname first as written, one space
/// between surname and given name for Han names of 2 to 4 characters; other scripts ASCII-folded.
///
/// `fallback` (the employee number) is folded instead when a name has no letter with a Latin form.
pub fn sort_name(name: &str, fallback: &str) -> String {
    let out = latin(name);
    if !out.is_empty() {
        return out;
    }
    let out = latin(fallback);
    if out.is_empty() { "x".to_owned() } else { out }
}

fn latin(name: &str) -> String {
    let han: Vec<char> = name.chars().collect();
    if (2..=4).contains(&han.len()) && han.iter().all(|c| c.to_pinyin().is_some()) {
        return chinese(&han);
    }
    let mut out = String::with_capacity(name.len());
    for c in name.nfkd() {
        if let Some(p) = c.to_pinyin() {
            push_plain(&mut out, p.plain());
        } else if is_combining_mark(c) || matches!(c, '\'' | '’' | 'ʼ') {
            // Part of the letter before.
        } else {
            match c.to_lowercase().next().unwrap_or(c) {
                l if l.is_ascii_alphanumeric() => out.push(l),
                'ß' => out.push_str("ss"),
                'æ' => out.push_str("ae"),
                'œ' => out.push_str("oe"),
                'ø' => out.push('o'),
                'đ' | 'ð' => out.push('d'),
                'ł' => out.push('l'),
                'þ' => out.push_str("th"),
                'ı' => out.push('i'),
                l if l.is_alphabetic() => {}
                _ if out.is_empty() || out.ends_with(' ') => {}
                _ => out.push(' '),
            }
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn chinese(han: &[char]) -> String {
    let mut out = String::with_capacity(han.len() * 6);
    let head: String = han.iter().take(2).collect();
    let given = match COMPOUND.iter().find(|(s, _)| han.len() > 2 && *s == head) {
        Some((_, reading)) => {
            out.push_str(reading);
            2
        }
        None => {
            let first = han.first().copied().unwrap_or_default();
            match SURNAMES.iter().find(|(s, _)| *s == first) {
                Some((_, reading)) => out.push_str(reading),
                None => push_plain(&mut out, first.to_pinyin().map_or("", |p| p.plain())),
            }
            1
        }
    };
    out.push(' ');
    for c in han.iter().skip(given) {
        push_plain(&mut out, c.to_pinyin().map_or("", |p| p.plain()));
    }
    out
}

fn push_plain(out: &mut String, plain: &str) {
    out.extend(plain.chars().map(|c| if c == 'ü' { 'v' } else { c }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_holds_only_surnames_that_the_dictionary_reads_otherwise() {
        let needless: Vec<_> = SURNAMES.iter().filter(|(c, r)| c.to_pinyin().is_some_and(|p| p.plain() == *r)).collect();
        assert!(needless.is_empty(), "{needless:?}");
        assert!(COMPOUND.iter().all(|(s, r)| s.chars().count() == 2 && r.is_ascii()));
    }
}
