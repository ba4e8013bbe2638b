//! The word somebody probably meant.

/// The closest of `candidates` to `word`, when it is close enough to be a slip of the fingers.
///
/// Case does not count. Short words must be closer than long ones; of equally close candidates the
/// first wins, so that the order of the caller's table decides.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    if !(2..=64).contains(&length) {
        return None;
    }
    let allowed = match length {
        0..=3 => 1,
        4..=7 => 2,
        _ => 3,
    };
    let word = fold(word);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let other = fold(candidate);
        if other.len().abs_diff(word.len()) > allowed || other == word {
            continue;
        }
        let distance = distance(&word, &other);
        let shares_a_letter = distance < other.len().min(word.len());
        if distance <= allowed && shares_a_letter && best.is_none_or(|(least, _)| distance < least)
        {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The hint sentence for [`closest`].
pub fn did_you_mean<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    closest(word, candidates).map(|best| format!("did you mean `{best}`?"))
}

fn fold(word: &str) -> Vec<char> {
    word.chars().flat_map(char::to_lowercase).collect()
}

/// Edit distance with transpositions of neighbors (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], k: usize| row.get(k).copied().unwrap_or(usize::MAX / 2);
            let mut cost = at(&last, j) + usize::from(x != y);
            cost = cost.min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                cost = cost.min(at(&before, j - 1) + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_fingers_are_found() {
        let words = ["GRAPH", "VECTOR", "TENSOR", "SELECT", "FROM"];
        for (slip, meant) in
            [("VECTRO", "VECTOR"), ("grph", "GRAPH"), ("SELCT", "SELECT"), ("fomr", "FROM")]
        {
            assert_eq!(closest(slip, words), Some(meant), "{slip}");
        }
    }

    #[test]
    fn strangers_are_not_suggested() {
        for word in ["x", "hexads", "zz", "FROM", "completely_different"] {
            assert_eq!(closest(word, ["FROM", "OF"]), None, "{word}");
        }
    }
}
