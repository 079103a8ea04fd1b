from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
texts = ["cheap pills now", "meeting at noon", "win money now", "lunch at noon?", "cheap money"]
model = make_pipeline(TfidfVectorizer(), MultinomialNB()).fit(texts, [1, 0, 1, 0, 1])
print(model.predict(["money now", "noon meeting"]), model[0].get_feature_names_out()[:4])
