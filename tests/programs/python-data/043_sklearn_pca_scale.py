from sklearn.datasets import load_wine
from sklearn.decomposition import PCA
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
X, y = load_wine(return_X_y=True)
print(PCA(3).fit(StandardScaler().fit_transform(X)).explained_variance_ratio_.round(5))
print(cross_val_score(make_pipeline(StandardScaler(), SVC()), X, y, cv=4).round(4))
