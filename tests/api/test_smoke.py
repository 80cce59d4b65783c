async def test_smoke(api):
    r = await api.get("/healthz")
    print(r.status_code, r.text)
    r = await api.get("/readyz")
    print(r.status_code, r.text)
    await api.enrol("m1", 500)
    print(await api.balance("m1"))
    r = await api.post("/v1/members/m1/holds", {"points": 100, "order_id": "o1"}, key="k1")
    print(r.status_code, r.text)
    h = r.json()["hold_id"]
    r = await api.post(f"/v1/members/m1/holds/{h}/capture")
    print(r.status_code, r.text)
    for p, q in [
        ("/v1/members/m1", {}),
        ("/v1/members/m1/statement", {"limit": 1}),
        ("/v1/members/m1/statement", {"kind": "hold", "from": "2026-01-01"}),
        ("/v1/members/m1/grants", {}),
        ("/v1/members/m1/lots", {}),
        ("/v1/members/m1/holds", {}),
        ("/v1/programme/versions", {}),
        ("/v1/runs", {}),
        ("/v1/parked", {}),
        ("/v1/members/zz", {}),
        ("/nope", {}),
        ("/v1/members/m1/statement", {"limit": 0}),
        ("/v1/members/m%00", {}),
        ("/metrics", {}),
    ]:
        r = await api.get(p, **q)
        print(p, q, r.status_code, r.text[:600])
    r = await api.post("/v1/members/m1/holds", {"points": 100, "zz": "o1"}, key="k1")
    print(r.status_code, r.text)
    r = await api.post(
        "/api/points/calculate",
        {"user_id": "m1", "product_id": "p", "product_price": 100, "product_type": "high_margin"},
    )
    print(r.status_code, r.text)
    r = await api.post("/api/points/redeem", {"user_id": "m1", "order_id": "p", "points_to_redeem": 100})
    print(r.status_code, r.text)
    r = await api.client.delete("/healthz")
    print(r.status_code, r.text, r.headers)
    assert 0
