public class Main {
    public static void main(String[] args) throws Exception {
        System.out.println(Integer.bitCount(0xF0F0) + " " + Long.numberOfLeadingZeros(40) + " " + Integer.reverse(1));
        System.out.println((-17 >> 2) + " " + (-17 >>> 28) + " " + (byte) 200 + " " + (1 << 33) + " " + (char) ('a' ^ 32));
        System.out.println(Float.floatToIntBits(1.5f) + " " + Integer.toBinaryString(170) + " " + (Integer.MAX_VALUE + 1));
    }
}
