//! What was typed and not sent: kept for its operator alone, and gone with whoever it may name.

use crate::kit::{Engine, Kit};
use tenure::domain::{act::Act, operator::Identity};

on_both!(a_draft_is_its_operators_alone, a_draft_goes_with_whoever_is_erased);

const TEXT: &[u8] = "想去深圳陪家人".as_bytes();

fn who(kit: &Kit, name: &str) -> Identity {
    kit.service.identify(Some(name)).unwrap()
}

fn a_draft_is_its_operators_alone(on: Engine) {
    let kit = Kit::company(on);
    let (lin, chen) = (who(&kit, "lin"), who(&kit, "chen"));
    let seq = kit.seq();
    kit.service.keep_drafts(&lin, &[], Some(TEXT)).unwrap();
    assert!(kit.service.drafts(&chen).unwrap().is_empty());
    let kept = kit.again(false).drafts(&lin).unwrap();
    assert_eq!(kept.iter().map(|(_, text)| text.as_slice()).collect::<Vec<_>>(), [TEXT]);
    let stored: Vec<Vec<u8>> = kit.read(|tx| tx.all("select sealed from drafts", &[], |r| r.get(0)));
    assert!(stored.len() == 1 && !stored[0].windows(TEXT.len()).any(|w| w == TEXT), "sealed");
    // A second session that was cut adds to the first; what somebody takes up is theirs to keep or to let go.
    kit.service.keep_drafts(&lin, &[], Some(b"another")).unwrap();
    assert_eq!(kit.service.drafts(&lin).unwrap().len(), 2);
    kit.service.keep_drafts(&lin, &[kept[0].0], Some(b"a third")).unwrap();
    let texts: Vec<Vec<u8>> = kit.service.drafts(&lin).unwrap().into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, [b"another".to_vec(), b"a third".to_vec()]);
    kit.time.hours(24 * 31);
    kit.service.keep_drafts(&chen, &[], Some(b"x")).unwrap();
    assert!(kit.service.drafts(&lin).unwrap().is_empty(), "nobody came for a month");
    assert_eq!(kit.seq(), seq, "a draft is no act");
    kit.check();
}

fn a_draft_goes_with_whoever_is_erased(on: Engine) {
    let kit = Kit::company(on);
    let lin = who(&kit, "lin");
    kit.service.keep_drafts(&lin, &[], Some(TEXT)).unwrap();
    kit.me().on(Act::PersonErase, kit.person("20001"), None);
    assert!(kit.service.drafts(&lin).unwrap().is_empty());
    kit.check();
}
