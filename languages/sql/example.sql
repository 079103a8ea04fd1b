CREATE TABLE names (name TEXT);
INSERT INTO names VALUES ('world');
SELECT 'Hello, ' || name || '!' FROM names;
WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 9)
SELECT sum(n * n) FROM numbers;
