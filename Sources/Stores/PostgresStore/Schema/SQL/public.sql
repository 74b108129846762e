-- What programs in other languages call.
SELECT 1
