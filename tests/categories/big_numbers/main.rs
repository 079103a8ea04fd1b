fn main() {
    let mut digits = vec![1u32];
    for n in 2..=150 {
        let mut carry = 0;
        for digit in &mut digits {
            carry += *digit * n;
            *digit = carry % 10;
            carry /= 10;
        }
        while carry > 0 {
            digits.push(carry % 10);
            carry /= 10;
        }
    }
    println!("{}", digits.iter().rev().map(u32::to_string).collect::<String>());
    println!("{} {:?}", u128::MAX, u64::MAX.checked_add(1));
}
