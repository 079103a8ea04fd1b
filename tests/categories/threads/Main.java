import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

public class Main {
    public static void main(String[] args) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(8);
        List<Future<Long>> parts = new ArrayList<>();
        for (int number = 0; number < 8; number++) {
            final long own = number;
            parts.add(pool.submit(() -> own * 10000));
        }
        long total = 0;
        for (Future<Long> part : parts) total += part.get();
        pool.shutdown();
        System.out.println(total + " " + IntStream.range(0, 1000).parallel().sum());
    }
}
