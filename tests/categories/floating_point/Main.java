public class Main {
    public static void main(String[] args) throws Exception {
        System.out.println(Math.sqrt(2) + " " + Math.sin(1e6) + " " + (0.1 + 0.2));
        System.out.println(1 / 0.0 + " " + Double.MIN_VALUE + " " + (float) 0.1 + " " + 0.0 / 0.0);
        System.out.printf("%.3f %e%n", Math.PI, 12345.678);
    }
}
