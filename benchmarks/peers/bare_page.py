"""The least that a page with a choice and a chart can be: what Streamlit and the browser take."""

import plotly.graph_objects as go
import streamlit as st

st.title("Bare")
last_kw = st.selectbox("Power (kW)", [1, 2, 3])
st.plotly_chart(go.Figure(go.Scatter(x=[0, 1], y=[0, last_kw])))
