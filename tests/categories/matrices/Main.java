public class Main {
    public static void main(String[] args) throws Exception {
        int n = 150;
        double[][] a = new double[n][n], b = new double[n][n], product = new double[n][n];
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++) {
                a[i][j] = i + j;
                b[i][j] = i - j;
            }
        for (int i = 0; i < n; i++)
            for (int k = 0; k < n; k++)
                for (int j = 0; j < n; j++) product[i][j] += a[i][k] * b[k][j];
        System.out.println(product[0][0] + " " + product[n - 1][n / 2]);
    }
}
