import java.util.List;
import java.util.function.Function;

public class Main {
    static <T extends Comparable<T>> T largest(List<T> all) {
        T found = all.get(0);
        for (T one : all) if (one.compareTo(found) > 0) found = one;
        return found;
    }

    record Pair<A, B>(A first, B second) {
        <C> Pair<A, C> map(Function<B, C> change) {
            return new Pair<>(first, change.apply(second));
        }
    }

    public static void main(String[] args) throws Exception {
        System.out.println(largest(List.of(3, 9, 2)) + " " + largest(List.of("b", "a")));
        System.out.println(new Pair<>("left", 2).map(n -> n * 1.5));
    }
}
