from scipy import stats
a, b = [5.1, 4.9, 6.2, 5.7, 5.5], [6.1, 6.5, 5.9, 7.0, 6.6]
print(*(round(float(v), 8) for v in stats.ttest_ind(a, b)))
print(stats.pearsonr(a, b)[0].round(8), stats.norm.cdf(1.96).round(8), stats.describe(a).variance.round(8))
