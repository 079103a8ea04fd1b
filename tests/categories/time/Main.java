import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;

public class Main {
    public static void main(String[] args) throws Exception {
        System.out.println(Instant.ofEpochSecond(1000000000).atZone(ZoneId.of("Europe/Berlin")));
        System.out.println(LocalDate.of(2024, 2, 28).plusDays(2).getDayOfWeek() + " " + Duration.ofMinutes(61));
        long before = System.nanoTime();
        Thread.sleep(20);
        System.out.println(System.nanoTime() - before >= 20000000);
        System.out.println(ZoneId.systemDefault() + " " + (Instant.now().getEpochSecond() > 1700000000));
    }
}
