import java.util.stream.IntStream;

public class Main {
    public static void main(String[] args) {
        String name = "world";
        System.out.println("Hello, " + name + "!");
        System.out.println(IntStream.range(0, 10).map(number -> number * number).sum());
    }
}
