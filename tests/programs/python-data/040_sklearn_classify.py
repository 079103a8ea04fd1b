from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import classification_report, confusion_matrix
from sklearn.model_selection import train_test_split
X, y = load_iris(return_X_y=True)
a, b, c, d = train_test_split(X, y, test_size=0.3, random_state=0, stratify=y)
model = RandomForestClassifier(20, random_state=0).fit(a, c)
print(confusion_matrix(d, model.predict(b)))
print(classification_report(d, model.predict(b)))
