//! Holds the documents to what is there: links lead somewhere, and ADRs are numbered without a gap.

use std::fs;
use std::path::{Path, PathBuf};

use crate::build::root;

const FOLDERS: [&str; 5] = ["", "docs", "docs/adr", "examples/labs", "bench/results"];

fn pages(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect()
}

/// Targets of `[text](target)`, in the order of the text.
fn links(text: &str) -> Vec<&str> {
    let parts = text.split("](").skip(1);
    parts.filter_map(|part| part.split(')').next()).collect()
}

#[test]
fn links_inside_the_repository_lead_somewhere() {
    let mut checked = 0;
    for page in FOLDERS.into_iter().flat_map(pages) {
        let text = fs::read_to_string(&page).unwrap();
        for link in links(&text)
            .into_iter()
            .filter(|link| !link.contains("://"))
        {
            let file = link.split('#').next().unwrap_or_default();
            let beside = page.parent().unwrap_or(Path::new("/"));
            assert!(beside.join(file).exists(), "{}: {link}", page.display());
            checked += 1;
        }
    }
    assert!(checked > 20, "only {checked} links were found");
}

#[test]
fn decisions_are_numbered_without_a_gap() {
    let mut names: Vec<String> = pages("docs/adr")
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    for (number, name) in (1..).zip(&names) {
        assert!(
            name.starts_with(&format!("{number:04}-")),
            "{name} is not number {number}"
        );
        let text = fs::read_to_string(root().join("docs/adr").join(name)).unwrap();
        assert!(
            text.starts_with(&format!("# {number}. ")),
            "{name} begins otherwise"
        );
    }
}
