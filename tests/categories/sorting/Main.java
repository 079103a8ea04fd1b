import java.util.Arrays;
import java.util.Comparator;

public class Main {
    public static void main(String[] args) throws Exception {
        Integer[] numbers = new Integer[1000000];
        int seed = 1;
        for (int at = 0; at < numbers.length; at++) numbers[at] = seed = seed * 1664525 + 1013904223;
        Arrays.sort(numbers, Comparator.reverseOrder());
        for (int at = 0; at < numbers.length; at += 99999) System.out.println(numbers[at]);
    }
}
