import java.nio.file.Files;
import java.nio.file.Path;

public class Main {
    public static void main(String[] args) throws Exception {
        int number = 0;
        for (String line : Files.readAllLines(Path.of("data.txt"))) System.out.println(++number + " " + line.length() + " " + line);
        System.out.println(Files.size(Path.of("data.txt")) + " " + Files.exists(Path.of("missing.txt")));
    }
}
