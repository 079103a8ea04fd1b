import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

public class Main {
    public static void main(String[] args) throws Exception {
        Function<Integer, Function<Integer, Integer>> add = a -> b -> a + b;
        System.out.println(add.apply(2).apply(3));
        System.out.println(IntStream.rangeClosed(1, 10).filter(n -> n % 2 == 1).boxed().collect(Collectors.groupingBy(n -> n % 3)));
        Supplier<String> late = "text"::toUpperCase;
        System.out.println(late.get());
    }
}
