public class Main {
    public static void main(String[] args) throws Exception {
        Process child = new ProcessBuilder("sh", "-c", "echo from a shell; exit 7").start();
        System.out.print(new String(child.getInputStream().readAllBytes()));
        System.out.println(child.waitFor() + " " + System.getenv("NOBODY"));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("at the end")));
    }
}
