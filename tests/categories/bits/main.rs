fn main() {
    println!("{} {} {}", 0xF0F0u32.count_ones(), 40u64.leading_zeros(), 1u8.reverse_bits());
    println!("{} {:?} {} {}", 200u8.wrapping_add(100), 200u8.checked_add(100), -17 >> 2, 200u8 as i8);
    println!("{:#010b} {:x} {:?}", 170, 48879, 1.5f32.to_be_bytes());
}
