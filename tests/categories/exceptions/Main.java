public class Main {
    static void fail(int n) throws Exception {
        switch (n) {
            case 1 -> System.out.println(1 / (n - 1));
            case 2 -> System.out.println(new int[n][n].length / new int[0][0].length);
            case 3 -> throw new Exception("three", new IllegalStateException("cause"));
            default -> { }
        }
    }

    public static void main(String[] args) throws Exception {
        for (int n = 0; n < 4; n++) {
            try {
                fail(n);
                System.out.println("not thrown");
            } catch (ArithmeticException | IndexOutOfBoundsException error) {
                System.out.println(error);
            } catch (Exception error) {
                System.out.println(error.getMessage() + " because of " + error.getCause());
            } finally {
                System.out.println("finally " + n);
            }
        }
    }
}
