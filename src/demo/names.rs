//! Names: mostly Han with one or two given characters, some compound surnames, some of the Uyghur, Mongol and Tibetan peoples, some Latin.

use super::dice::Dice;
use pinyin::ToPinyin;

/// By frequency.
const SURNAMES: [&str; 100] = [
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何", "林", "罗", "高", "郑", "梁",
    "谢", "宋", "唐", "许", "韩", "冯", "邓", "曹", "彭", "曾", "肖", "田", "董", "袁", "潘", "于", "蒋", "蔡", "余", "杜", "叶", "程",
    "苏", "魏", "吕", "丁", "任", "沈", "姚", "卢", "姜", "崔", "钟", "谭", "陆", "汪", "范", "金", "石", "廖", "贾", "夏", "韦", "付",
    "方", "白", "邹", "孟", "熊", "秦", "邱", "江", "尹", "薛", "闫", "段", "雷", "侯", "龙", "史", "陶", "黎", "贺", "顾", "毛", "郝",
    "龚", "邵", "万", "钱", "严", "覃", "武", "戴", "莫", "孔", "向", "汤",
];
const COMPOUND: [&str; 8] = ["欧阳", "上官", "司马", "诸葛", "慕容", "司徒", "皇甫", "夏侯"];
/// First characters of a given name of two, and characters that end one.
const GIVEN_FIRST: [&str; 40] = [
    "建", "志", "国", "文", "海", "晓", "小", "子", "思", "雨", "嘉", "梓", "诗", "俊", "宇", "浩", "永", "立", "新", "春", "雪", "佳",
    "欣", "明", "金", "玉", "美", "秀", "桂", "天", "一", "若", "亦", "红", "家", "景", "德", "少", "云", "静",
];
const GIVEN_LAST: [&str; 60] = [
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超", "霞", "平", "刚", "辉", "玲",
    "华", "燕", "梅", "琳", "怡", "轩", "博", "涵", "婷", "鹏", "飞", "龙", "凯", "峰", "波", "斌", "健", "亮", "成", "安", "宁", "洁",
    "颖", "倩", "莹", "瑶", "晨", "阳", "毅", "恒", "远", "萍", "慧", "旭", "东", "林", "泽", "然",
];
/// With their Latin spelling: pinyin of a transcription is nobody's name.
const TURKIC_GIVEN: [(&str, &str); 8] = [
    ("阿依古丽", "aygul"),
    ("古丽娜尔", "gulnar"),
    ("买买提江", "memetjan"),
    ("热依汗古丽", "reyhangul"),
    ("艾力", "eli"),
    ("帕提古丽", "patigul"),
    ("阿卜杜热合曼", "abdurahman"),
    ("努尔兰", "nurlan"),
];
const TURKIC_FATHER: [(&str, &str); 6] =
    [("艾合买提", "ehmet"), ("吐尔逊", "tursun"), ("买买提", "memet"), ("阿卜杜拉", "abdulla"), ("克里木", "kerim"), ("沙依提", "sayit")];
const STEPPE: [(&str, &str); 8] = [
    ("巴特尔·苏和", "bater suhe"),
    ("乌云其其格", "uyunqiqige"),
    ("其木格·朝鲁", "qimuge chaolu"),
    ("扎西·多吉", "tashi dorje"),
    ("卓玛·央金", "drolma yangchen"),
    ("次仁旺堆", "tsering wangdu"),
    ("阿来·洛桑", "alai lobsang"),
    ("斯琴高娃·娜仁", "siqingaowa naren"),
];
const LATIN_GIVEN: [&str; 14] =
    ["Maria", "James", "Anne-Marie", "Daniel", "Sofía", "Nguyen", "Kenji", "Olga", "Peter", "Fatima", "Lucas", "Ingrid", "Arjun", "Chloé"];
const LATIN_FAMILY: [&str; 14] = [
    "Gonzalez",
    "O'Connor",
    "Dubois",
    "Müller",
    "Tanaka",
    "Ivanova",
    "Smith",
    "van der Berg",
    "Silva",
    "Haddad",
    "Larsen",
    "Nair",
    "Kowalski",
    "Thi Lan",
];
/// Names that belong to fixed people.
const TAKEN: [&str; 5] = ["张伟", "林致远", "周敏", "王建国", "李晓燕"];

/// A name and its sort name.
pub fn draw(dice: &mut Dice) -> (String, String) {
    match dice.unit() {
        p if p < 0.012 => {
            let (given, father) = (dice.pick(&TURKIC_GIVEN), dice.pick(&TURKIC_FATHER));
            (format!("{}·{}", given.0, father.0), format!("{} {}", given.1, father.1))
        }
        p if p < 0.020 => {
            let (name, latin) = dice.pick(&STEPPE);
            (name.into(), latin.into())
        }
        p if p < 0.032 => {
            let (given, family) = (dice.pick(&LATIN_GIVEN), dice.pick(&LATIN_FAMILY));
            (format!("{given} {family}"), plain(&format!("{family} {given}")))
        }
        p => {
            let surname = if p < 0.05 { dice.pick(&COMPOUND) } else { dice.pick_early(&SURNAMES) };
            let first = if dice.chance(0.78) { dice.pick(&GIVEN_FIRST) } else { "" };
            let last = dice.pick(&GIVEN_LAST);
            let mut given = if first == last { last.to_owned() } else { format!("{first}{last}") };
            if TAKEN.contains(&format!("{surname}{given}").as_str()) {
                given.push('兴');
            }
            (format!("{surname}{given}"), sort_name(surname, &given))
        }
    }
}

/// `ouyang xiaoming`: surname, a space, the given name in one word.
pub fn sort_name(surname: &str, given: &str) -> String {
    let latin = |text: &str| text.to_pinyin().flatten().map(|syllable| syllable.plain()).collect::<String>();
    // Read otherwise as a surname than as a word.
    let surname = match surname {
        "曾" => "zeng".to_owned(),
        "任" => "ren".to_owned(),
        "覃" => "qin".to_owned(),
        "尉" => "yu".to_owned(),
        other => latin(other),
    };
    format!("{surname} {}", latin(given)).replace('ü', "v")
}

/// Lower case without marks.
fn plain(name: &str) -> String {
    use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
    name.to_lowercase().nfd().filter(|c| !is_combining_mark(*c)).collect()
}
