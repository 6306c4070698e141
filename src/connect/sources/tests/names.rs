use super::super::sort_name;

#[test]
fn han_names_surname_first() {
    for (name, sort) in [
        ("张伟", "zhang wei"),
        ("李小龙", "li xiaolong"),
        ("欧阳娜娜", "ouyang nana"),
        ("司马光", "sima guang"),
        ("上官婉儿", "shangguan waner"),
        ("诸葛亮", "zhuge liang"),
        ("单雄信", "shan xiongxin"),
        ("单于丹", "chanyu dan"),
        ("曾国藩", "zeng guofan"),
        ("仇英", "qiu ying"),
        ("解缙", "xie jin"),
        ("查良镛", "zha liangyong"),
        ("盖聂", "ge nie"),
        ("任正非", "ren zhengfei"),
        ("朴树", "piao shu"),
        ("翟天临", "zhai tianlin"),
        ("吕布", "lv bu"),
        ("欧阳", "ou yang"),
    ] {
        assert_eq!(sort_name(name, "E1"), sort, "{name}");
    }
}

#[test]
fn other_names() {
    for (name, sort) in [
        ("Zoë  Müller-Straße", "zoe muller strasse"),
        ("O’Brien", "obrien"),
        ("Ørsted, Åse", "orsted ase"),
        ("阿凡提·买买提", "afanti maimaiti"),
        ("张伟 (David)", "zhangwei david"),
        ("王", "wang"),
        ("ＡＢＣ", "abc"),
        ("Иван", "e-1"),
        ("🙂", "e-1"),
    ] {
        assert_eq!(sort_name(name, "E-1"), sort.replace('-', " "), "{name}");
    }
    assert_eq!(sort_name("🙂", "🙂"), "x");
}
