ä
"serveõ
@
INPUT0Placeholder*
dtype0*
shape:ÿÿÿÿÿÿÿÿÿ
F
checked0EnsureShapeINPUT0*
T0*
shape:ÿÿÿÿÿÿÿÿÿ
@
INPUT1Placeholder*
dtype0*
shape:ÿÿÿÿÿÿÿÿÿ
F
checked1EnsureShapeINPUT1*
T0*
shape:ÿÿÿÿÿÿÿÿÿ
-
OUTPUT0AddV2checked0checked1*
T0
+
OUTPUT1Subchecked0checked1*
T0"Ú*à
serving_defaultÌ
)
INPUT0
INPUT0:0ÿÿÿÿÿÿÿÿÿ
)
INPUT1
INPUT1:0ÿÿÿÿÿÿÿÿÿ+
OUTPUT0 
	OUTPUT0:0ÿÿÿÿÿÿÿÿÿ+
OUTPUT1 
	OUTPUT1:0ÿÿÿÿÿÿÿÿÿtensorflow/serving/predict